import { Worker, type WorkerOptions } from "./worker.ts";

/** Has a process do something that must not find the traces of anything else. */
export async function inOwnProcess<T>(ask: (worker: Worker) => Promise<T>, options?: WorkerOptions): Promise<T> {
  const worker = new Worker(options);
  try {
    return await ask(worker);
  } finally {
    await worker.close();
  }
}
