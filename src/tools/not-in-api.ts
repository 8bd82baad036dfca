/** An operation that operators ask for but the API lacks. */
export interface NotInApi {
  /** Has the form of a tool's name, so that a search finds it like a tool. */
  name: string;
  title: string;
  /** What it would do, in an operator's words. */
  description: string;
  /** Other phrases for it, as in the declarations of tools. */
  also: readonly string[];
  toolset: string;
  /** Where to do it in the dashboard. */
  dashboard: string;
  /** The closest tools. */
  nearest: readonly string[];
}

/** The text that says so, with the place in the dashboard. */
export function notPossible({ title, dashboard }: NotInApi): string {
  return `${title} is not possible through the API. In the dashboard: ${dashboard}.`;
}

/** Operations that only the dashboard offers. https://workos.com/docs */
export const NOT_IN_API: readonly NotInApi[] = [
  {
    name: 'impersonate_user',
    title: 'Impersonate user',
    description: 'Impersonate a user: sign in as them, see what they see, log in on behalf of a user.',
    also: ['act as a customer', 'view as somebody', 'support login, reproduce a problem', 'be another user'],
    toolset: 'users',
    dashboard: 'Users, the user, Impersonate',
    nearest: ['list_user_sessions', 'get_user'],
  },
  {
    name: 'rotate_directory_token',
    title: 'Rotate SCIM bearer token',
    description: 'Rotate, regenerate or reset the SCIM bearer token of a directory.',
    also: ['new SCIM token', 'leaked, exposed or compromised provisioning token', 'renew directory credentials'],
    toolset: 'directory_sync',
    dashboard: 'Organizations, the organization, Directory Sync, the directory, Regenerate token',
    nearest: ['get_directory', 'invite_it_contact'],
  },
  {
    name: 'send_test_webhook',
    title: 'Send test webhook',
    description:
      'Send a test event to a webhook endpoint: ping it, fire a sample payload, redeliver or replay an event.',
    also: [
      'try out a hook',
      'test delivery, trigger an example',
      'retry, resend or repeat a failed delivery',
      'mock event',
    ],
    toolset: 'events',
    dashboard: 'Webhooks, the endpoint, Send test event',
    nearest: ['list_webhook_endpoints', 'list_events'],
  },
  {
    name: 'create_directory',
    title: 'Create directory',
    description: 'Create, add or set up a new directory for directory sync (SCIM) in an organization.',
    also: [
      'connect or hook up Okta or Entra provisioning',
      'new SCIM endpoint',
      'set up Workday, HRIS sync',
      'start syncing',
    ],
    toolset: 'directory_sync',
    dashboard: 'Organizations, the organization, Directory Sync, Configure manually',
    nearest: ['invite_it_contact', 'generate_portal_link', 'list_directories'],
  },
  {
    name: 'create_feature_flag',
    title: 'Create feature flag',
    description: 'Create, add or define a new feature flag.',
    also: ['new toggle', 'make or define a flag', 'start an experiment'],
    toolset: 'feature_flags',
    dashboard: 'Feature Flags, Create flag',
    nearest: ['list_feature_flags', 'enable_feature_flag'],
  },
  {
    name: 'delete_role',
    title: 'Delete environment role',
    description: 'Delete a role of the environment, which every organization has.',
    also: ['delete a role everywhere', 'get rid of an unused role'],
    toolset: 'roles',
    dashboard: 'Authorization, the role, Delete',
    nearest: ['delete_organization_role', 'set_role_permissions', 'list_roles'],
  },
  {
    name: 'customize_branding',
    title: 'Customize branding',
    description: 'Change the AuthKit branding: logo, colors, fonts, theme, look of the sign-in page, custom domain.',
    also: [
      'our own logo, images',
      'brand the login page, CSS',
      'edit colors, background, style',
      'own domain for the login page',
    ],
    toolset: 'authkit',
    dashboard: 'Branding',
    nearest: ['list_redirect_uris', 'get_jwt_template'],
  },
];
