/**
 * The first `max` UTF-16 units of a text, with an ellipsis if something was cut. Never ends in half of a surrogate
 * pair, which would make JSON that some clients cannot read.
 */
export function truncate(text: string, max: number, ellipsis = '…'): string {
  return text.length > max ? `${text.slice(0, max).replace(/[\ud800-\udbff]$/, '')}${ellipsis}` : text;
}
