// A real provider of identities: node provider.mjs PACKAGES PORT AUDIENCE REDIRECT_URI KEY SECONDS STRICT
// People sign in with any password, and with a second factor too, or (STRICT) only where `acr_values` asks for one; whoever `GROUPS` does not name is in no group. It says `ready` when it is.
import { pathToFileURL } from 'node:url';
import { generateKeyPairSync } from 'node:crypto';

const [packages, port, audience, redirect, kid, seconds, strict] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(`${packages}/node_modules/oidc-provider/${path}`).href);
const { Provider } = await load('lib/index.js');

const GROUPS = { dana: ['platform-admins'], lee: ['acme-developers'] };
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' };
const said = (sub) => ({ preferred_username: sub, groups: GROUPS[sub] ?? [] });

const proved = (ctx) => strict !== 'strict' || ctx.oidc.entities.DeviceCode?.params?.acr_values === 'mfa';

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'gaia',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: [redirect],
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    id_token_signed_response_alg: 'ES256',
  }],
  jwks: { keys: [key] },
  cookies: { keys: ['of no use to anybody'] },
  conformIdTokenClaims: false,
  claims: { openid: ['sub', 'groups'], profile: ['preferred_username'] },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...said(sub) }) }),
  acrValues: ['mfa'],
  extraTokenClaims: (ctx, token) => ({ ...said(token.accountId), amr: proved(ctx) ? ['pwd', 'otp'] : ['pwd'], auth_time: Math.floor(Date.now() / 1000) }),
  ttl: { AccessToken: Number(seconds), IdToken: 60, Session: 600, Grant: 600, Interaction: 600, DeviceCode: 600 },
  features: {
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ audience, scope: '', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
    },
  },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
