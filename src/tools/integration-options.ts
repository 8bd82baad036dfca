import * as z from 'zod';

/** OAuth settings for a provider that WorkOS does not know. */
export const providerOptions = {
  authorization_url: z.string().optional(),
  token_url: z.string().optional(),
  refresh_token_url: z.string().nullable().optional(),
  pkce_enabled: z.boolean().optional(),
  request_scope_separator: z.string().optional(),
  scopes_required: z.boolean().optional(),
  client_secret_required: z.boolean().optional(),
  additional_authorization_parameters: z.record(z.string(), z.string()).optional(),
  token_body_content_type: z.string().optional(),
  authenticate_via: z.enum(['request_body', 'basic_auth_header']).optional(),
};

/** The OAuth app that an integration uses. */
export const credentials = z
  .strictObject({
    type: z.enum(['custom', 'organization']),
    client_id: z.string().optional(),
    client_secret: z.string().optional(),
  })
  .superRefine((value, issues) => {
    if (value.type === 'custom' && !(value.client_id && value.client_secret))
      issues.addIssue('type custom needs client_id and client_secret');
  })
  .optional()
  .describe('custom: your OAuth app; organization: their own');

/** The first account of a new integration with API keys. */
export const firstKey = z
  .strictObject({ secret: z.string().min(5), user_id: z.string(), organization_id: z.string().optional() })
  .optional()
  .describe('Key to connect for a user');
