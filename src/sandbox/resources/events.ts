import type { Kinds, Row } from './kind.ts';

/** Something that happened, as the API lists it and webhooks deliver it. */
export interface WorkOSEvent extends Row {
  object: 'event';
  event: string;
  data: object;
  context?: object;
}

export interface WebhookEndpoint extends Row {
  object: 'webhook_endpoint';
  endpoint_url: string;
  secret: string;
  status: 'enabled' | 'disabled';
  events: string[];
}

export interface EventTables {
  events: WorkOSEvent;
  webhook_endpoints: WebhookEndpoint;
}

export const eventKinds: Kinds<EventTables> = {
  events: { object: 'event', prefix: 'event', noun: 'Event' },
  webhook_endpoints: { object: 'webhook_endpoint', prefix: 'we', noun: 'Webhook Endpoint' },
};
