/** Where a sign-in by an OpenID provider begins and ends. */
export const OPEN_ID_PATH = '/api/v1/session/oidc';
export const CALLBACK_PATH = `${OPEN_ID_PATH}/callback`;
