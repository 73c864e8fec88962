/** The way in and out for browsers, and who one is. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { RewindError } from '../../schemas/errors.js';
import { LoginQuery, LogoutAnswer, MeAnswer } from '../../schemas/http-access.js';
import type { RouteContext } from '../context.js';
import { cookieOf } from '../sign-in/authenticate.js';
import { openFailures } from '../sign-in/limits.js';
import { type BrowserSignIn, LOGIN_COOKIE, LOGIN_SECONDS, SESSION_COOKIE } from '../sign-in/oidc.js';
import { requireSameOrigin } from '../sign-in/same-origin.js';

const tags = ['sign-in'];

export const authRoutes =
  ({ signIn, config, audit }: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const browser = signIn?.browser ?? null;
    const failures = openFailures(audit);
    // Lax, not strict: the browser comes back from the issuer by a link of another site.
    const cookie = (maxAge: number) => ({
      path: config.http.basePath || '/',
      httpOnly: true,
      sameSite: 'lax' as const,
      secure: browser?.secure ?? true,
      maxAge,
    });

    app.get(
      '/auth/login',
      {
        config: { access: 'public' },
        schema: {
          tags,
          summary: 'Go to the issuer to sign in',
          querystring: LoginQuery,
          response: { 302: { description: 'To the issuer' } },
        },
      },
      async (request, reply) => {
        const { url, login } = await needed(browser).begin(request.query.return_to ?? '/');
        return reply.setCookie(LOGIN_COOKIE, login, cookie(LOGIN_SECONDS)).redirect(url);
      },
    );

    app.get(
      '/auth/callback',
      {
        config: { access: 'public' },
        schema: {
          tags,
          summary: 'Where the issuer sends the browser back to',
          response: { 302: { description: 'To where the sign-in was begun' } },
        },
      },
      async (request, reply) => {
        const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
        const login = cookieOf(request, LOGIN_COOKIE);
        reply.clearCookie(LOGIN_COOKIE, cookie(0));
        const { principal, session, returnTo } = await needed(browser)
          .finish(query, login)
          .catch(async (error: unknown) => {
            if (error instanceof RewindError && error.code === 'unauthenticated')
              await failures.enter(request, error);
            throw error;
          });
        await audit.enter({
          tenantId: '',
          actor: principal.actor,
          action: 'sign_in.succeeded',
          target: '',
          outcome: 'success',
          detail: { by: 'oidc', trace_id: request.id },
        });
        return reply
          .setCookie(SESSION_COOKIE, session, cookie(config.auth.oidc.sessionSeconds))
          .redirect(returnTo);
      },
    );

    app.post(
      '/auth/logout',
      {
        config: { access: 'public' },
        schema: { tags, summary: 'End the session of this browser', response: { 200: LogoutAnswer } },
      },
      async (request, reply) => {
        requireSameOrigin(request, browser?.origin ?? null, cookieOf(request, SESSION_COOKIE) !== undefined);
        reply.clearCookie(SESSION_COOKIE, cookie(0));
        return { success: true as const, data: { signed_in: false as const } };
      },
    );

    app.get(
      '/auth/me',
      {
        config: { access: 'public' },
        schema: { tags, summary: 'Who one is, and how one can sign in', response: { 200: MeAnswer } },
      },
      async (request) => {
        const { methods } = config.auth;
        const who = await signIn?.principal(request).catch((error: unknown) => {
          if (error instanceof RewindError && error.code === 'unauthenticated') return undefined;
          throw error;
        });
        return {
          success: true as const,
          data: {
            signed_in: who !== undefined,
            actor: who?.actor ?? null,
            tenants: Object.fromEntries(who?.tenants ?? []),
            operator: who?.operator ?? false,
            methods: [...methods],
          },
        };
      },
    );
  };

function needed(browser: BrowserSignIn | null): BrowserSignIn {
  if (browser === null)
    throw new RewindError('route_not_found', 'Browsers do not sign in here (auth.methods lacks oidc).');
  return browser;
}
