/**
 * The HTTP API, built but not listening: routes, checks and errors around what the pipeline offers. server.ts listens;
 * tests inject requests.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import cookie from '@fastify/cookie';
import { type FastifyInstance, fastify, type RawServerDefault } from 'fastify';
import { serverSecret } from '../processors/config/server-secret.js';
import { RewindError } from '../schemas/errors.js';
import { installAccess } from './access.js';
import type { ApiDeps, RouteContext } from './context.js';
import { GroupCommit } from './group-commit.js';
import { toJsonText } from './json/raw-json.js';
import { installOpenApi } from './openapi.js';
import { installAudit } from './plugins/audit.js';
import { installBasePath, withoutBasePath } from './plugins/base-path.js';
import { installCaching } from './plugins/caching.js';
import { installAnswerChecks } from './plugins/check-answers.js';
import { answerClientError } from './plugins/client-errors.js';
import { installMetrics } from './plugins/metrics.js';
import { installNegotiation } from './plugins/negotiation.js';
import { installPaging } from './plugins/paging.js';
import { installProblems, sendProblem } from './plugins/problem.js';
import { installSecurityHeaders } from './plugins/security-headers.js';
import { installValidation } from './plugins/validation.js';
import { annotationRoutes } from './routes/annotations.js';
import { apiKeyRoutes } from './routes/api-keys.js';
import { auditEntryRoutes } from './routes/audit-entries.js';
import { auditEventsRoutes } from './routes/audit-events.js';
import { auditReplayRoutes } from './routes/audit-replay.js';
import { authRoutes } from './routes/auth.js';
import { bookmarkRoutes } from './routes/bookmarks.js';
import { bundleRoutes } from './routes/bundles.js';
import { comparisonRoutes } from './routes/comparisons.js';
import { currentFollowRoutes } from './routes/current-follow.js';
import { currentStateRoutes } from './routes/current-state.js';
import { deadLetterRoutes } from './routes/dead-letters.js';
import { decisionLogRoutes } from './routes/decision-logs.js';
import { decisionRoutes } from './routes/decisions.js';
import { entityRoutes } from './routes/entities.js';
import { evidenceRoutes } from './routes/evidence.js';
import { exportRoutes } from './routes/exports.js';
import { healthRoutes } from './routes/health.js';
import { instanceRoutes } from './routes/instance.js';
import { instanceJobRoutes } from './routes/instance-jobs.js';
import { logReplayRoutes } from './routes/logreplay.js';
import { logReplayJobRoutes } from './routes/logreplay-jobs.js';
import { originalEventRoutes } from './routes/original-events.js';
import { outputRoutes } from './routes/outputs.js';
import { previewRoutes } from './routes/previews.js';
import { promotionRoutes } from './routes/promotions.js';
import { replayJobRoutes } from './routes/replay-jobs.js';
import { replayLifeRoutes } from './routes/replay-life.js';
import { replayResultRoutes } from './routes/replay-results.js';
import { reportRoutes } from './routes/reports.js';
import { searchRoutes } from './routes/searches.js';
import { streamRoutes } from './routes/streams.js';
import { tenantExportRoutes } from './routes/tenant-exports.js';
import { verificationRoutes } from './routes/verifications.js';
import { versionRoutes } from './routes/versions.js';
import { webhookRoutes } from './routes/webhooks.js';
import { openSignIn } from './sign-in/authenticate.js';
import { requireLoopback } from './sign-in/development.js';
import { openFailures } from './sign-in/limits.js';

export type App = FastifyInstance<RawServerDefault>;
/** Entity ids are ARNs and paths at times; the router's own limit is 100 characters. */
const PARAM_MAX_LENGTH = 4096;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Builds the app. The caller listens, or injects requests, and closes it. */
export function buildApp(deps: ApiDeps, draining: () => boolean = () => false): App {
  const app = fastify({
    logger: false,
    bodyLimit: deps.config.http.bodyMaxBytes,
    routerOptions: { maxParamLength: PARAM_MAX_LENGTH, ignoreTrailingSlash: true },
    genReqId: traceIdOf,
    rewriteUrl: withoutBasePath(deps.config.http.basePath),
    forceCloseConnections: 'idle',
    clientErrorHandler: answerClientError,
    frameworkErrors: (_error, request, reply) => {
      sendProblem(reply, new RewindError('route_not_found', 'The path is not valid.'), request.id);
    },
  });
  app.setReplySerializer((payload) => toJsonText(payload));
  // Response schemas describe; what writes the answer is the serializer above.
  app.setSerializerCompiler(() => toJsonText);
  installValidation(app);
  installProblems(app, deps.telemetry);
  installOpenApi(app, deps.config, deps.version);
  const secret = serverSecret(deps.config);
  const { auth } = deps.config;
  const signIn = auth.methods.length === 0 ? null : openSignIn(auth, deps.keys, secret);
  if (signIn === null) requireLoopback(deps.config);
  app.register(cookie);
  installAccess(app, { config: deps.config, signIn, failures: openFailures(deps.audit) });
  installSecurityHeaders(app);
  installBasePath(app, deps.config.http.basePath);
  installNegotiation(app);
  installPaging(app, secret);
  if (deps.config.http.checkAnswers) installAnswerChecks(app);
  installCaching(app);
  installMetrics(app, deps.config, deps);
  installAudit(app, deps.audit);
  const context: RouteContext = { ...deps, commits: new GroupCommit(deps.appender), draining, signIn };
  app.register(healthRoutes(context));
  app.register(auditEventsRoutes(context));
  app.register(decisionLogRoutes(context));
  app.register(bundleRoutes(context));
  app.register(logReplayRoutes(context));
  app.register(logReplayJobRoutes(context));
  app.register(versionRoutes(context));
  app.register(previewRoutes(context));
  app.register(replayJobRoutes(context));
  app.register(replayLifeRoutes(context));
  app.register(instanceRoutes(context));
  app.register(replayResultRoutes(context));
  app.register(decisionRoutes(context));
  app.register(reportRoutes(context));
  app.register(comparisonRoutes(context));
  app.register(tenantExportRoutes(context));
  app.register(deadLetterRoutes(context));
  app.register(outputRoutes(context));
  app.register(evidenceRoutes(context));
  app.register(currentFollowRoutes(context));
  app.register(entityRoutes(context));
  app.register(auditReplayRoutes(context));
  app.register(auditEntryRoutes(context));
  app.register(authRoutes(context));
  app.register(apiKeyRoutes(context));
  app.register(instanceJobRoutes(context));
  app.register(streamRoutes(context));
  app.register(exportRoutes(context));
  app.register(originalEventRoutes(context));
  app.register(annotationRoutes(context));
  app.register(bookmarkRoutes(context));
  app.register(searchRoutes(context));
  app.register(currentStateRoutes(context));
  app.register(promotionRoutes(context));
  app.register(verificationRoutes(context));
  app.register(webhookRoutes(context));
  return app;
}

/** The caller's W3C trace id where it sent one, else a new one: errors and log lines carry it. */
function traceIdOf(request: IncomingMessage): string {
  const header = request.headers.traceparent;
  const given = typeof header === 'string' ? TRACEPARENT.exec(header)?.[1] : undefined;
  return given ?? randomBytes(16).toString('hex');
}
