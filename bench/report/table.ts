import process from "node:process";
import { importRival } from "../rivals/import_rival.ts";

interface CliTable {
  push(row: string[]): void;
  toString(): string;
}

interface TableOptions {
  head: string[];
  colAligns: ("left" | "right")[];
  style: { head: string[]; border: string[]; compact: boolean };
}

/** Makes tables: the first columns to the left, the others to the right. */
export type TableMaker = (head: string[], rows: string[][], leftColumns: number) => string;

export async function tableMaker(): Promise<TableMaker> {
  const { default: Table } = await importRival<
    { default: new (options: TableOptions) => CliTable }
  >("cli-table3");
  const hasColors = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const style = {
    head: hasColors ? ["cyan"] : [],
    border: hasColors ? ["grey"] : [],
    compact: true,
  };
  return (head, rows, leftColumns) => {
    const colAligns = head.map((_, i) => i < leftColumns ? "left" as const : "right" as const);
    const table = new Table({ head, colAligns, style });
    for (const row of rows) table.push(row);
    return table.toString();
  };
}
