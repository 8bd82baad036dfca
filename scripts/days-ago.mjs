/** The date that many days ago, such as `2026-10-17`. The sandbox's data moves with the calendar. */
export function daysAgo(days) {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}
