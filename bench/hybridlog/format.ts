const UNITS = ["B", "KB", "MB", "GB"];

/** An amount of bytes in three digits or so: "64 MB", "1.52 GB". */
export function formatBytes(bytes: number): string {
  if (bytes < 0) return `-${formatBytes(-bytes)}`;
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  const digits = Number.isInteger(amount) || amount >= 99.5 ? 0 : amount >= 9.95 ? 1 : 2;
  return `${amount.toFixed(digits)} ${UNITS[unit]}`;
}
