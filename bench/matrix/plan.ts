import { type TablePlan, tablePlan } from "../hybridlog/plan.ts";

const MB = 2 ** 20;
const VALUE_BYTES = [100, 1024] as const;

/** What all stores are given: data that fits into memory, or eight times the memory that a store may have. */
export interface MatrixTable extends TablePlan {
  readonly name: string;
  readonly fits: boolean;
}

export interface MatrixPlan {
  readonly rounds: number;
  readonly operations: number;
  readonly limitMs: number;
  readonly warmUpMs: number;
  readonly timesEachMs: number;
  readonly tables: readonly MatrixTable[];
}

/** Bytes of data that fits. */
const FITTING_BYTES = 64 * MB;

export function matrixPlan(isQuick: boolean): MatrixPlan {
  const scale = isQuick ? 1 / 8 : 1;
  const fitting = VALUE_BYTES.map((valueBytes) => {
    const { keys } = tablePlan(FITTING_BYTES / 8 * scale, valueBytes, 0);
    const budgetBytes = 4 * FITTING_BYTES * scale;
    return { name: `fits, ${valueBytes} B`, fits: true, keys, valueBytes, budgetBytes, writeBytes: budgetBytes / 2 };
  });
  const larger = VALUE_BYTES.map((valueBytes) => {
    const table = tablePlan(isQuick ? 16 * MB : 32 * MB, valueBytes, valueBytes < 1024 ? 1 / 16 : 1 / 4);
    return { name: `8 times the memory, ${valueBytes} B`, fits: false, ...table };
  });
  const tables = [...fitting, ...larger];
  if (isQuick) return { rounds: 3, operations: 50_000, limitMs: 50, warmUpMs: 50, timesEachMs: 200, tables };
  return { rounds: 5, operations: 200_000, limitMs: 100, warmUpMs: 200, timesEachMs: 1_000, tables };
}
