/** Does the task that stands in the address of the page, and says what came of it. */
export async function report<T>(perform: (task: T) => Promise<unknown>): Promise<void> {
  const task = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  await fetch("/report", { method: "POST", body: JSON.stringify(await perform(task)) });
}
