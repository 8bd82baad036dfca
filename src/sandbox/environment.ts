/** The client id of the sandbox's only environment. */
export const CLIENT_ID = 'client_01KE0SANDB0X00000000000000';

export const ENVIRONMENT_ID = 'environment_01KE0SANDB0X00000000000000';

/** The only API key that the sandbox accepts. It is also the client secret. */
export const API_KEY = 'sk_test_sandbox';
