/** A rate in three digits: "2.51M", "310k". */
export function formatRate(rate: number): string {
  return rate >= 999_500 ? `${digits(rate / 1e6)}M` : rate >= 999.5 ? `${digits(rate / 1e3)}k` : rate.toFixed(0);
}

/** A factor: "5.2x", "0.31x". */
export function formatRatio(ratio: number): string {
  return `${ratio >= 99.5 ? ratio.toFixed(0) : ratio >= 9.95 ? ratio.toFixed(1) : ratio.toFixed(2)}x`;
}

export function formatMs(ms: number): string {
  if (ms < 0.0995) return `${(ms * 1000).toFixed(1)} µs`;
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(1)} ms`;
}

export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function digits(number: number): string {
  return number >= 99.5 ? number.toFixed(0) : number >= 9.995 ? number.toFixed(1) : number.toFixed(2);
}
