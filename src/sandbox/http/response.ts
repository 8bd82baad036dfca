export interface ApiResponse {
  /** The document's success status if left out. */
  status?: number;
  /** Sent as JSON. Leave it out for an empty body. */
  body?: unknown;
  /** Sent as a web page instead of a JSON body. */
  html?: string;
  headers?: Record<string, string>;
}
