/**
 * The everyday part of the demo story: articles that are drafted, edited, reviewed and published, playbooks and their
 * executions, agents that call models. Each call makes the next event of some entity of its kind.
 */
import type { Prng } from './prng.js';
import type { Draft } from './story-billing.js';

const TOPICS = [
  'Onboarding',
  'Pricing',
  'Security',
  'Migration',
  'Release notes',
  'Incident review',
  'Quarterly plan',
  'Data retention',
  'API limits',
  'Partner guide',
];
const FORMS = [
  'checklist',
  'handbook',
  'draft',
  'FAQ',
  'case study',
  'how-to',
  'summary',
  'über uns',
  '入門',
  'announcement',
];
const WRITERS = ['mara', 'jonas', 'aiko', 'priya', 'tomasz', 'leila', 'sam', 'chen'];
const PLAYS = [
  'Refund request',
  'Lead enrichment',
  'Churn outreach',
  'Invoice follow-up',
  'Content refresh',
  'Ticket triage',
];
const MODELS = ['drafting', 'review', 'translation', 'support', 'search'];

interface Article {
  readonly id: string;
  title: string;
  words: number;
  step: number;
}

interface Playbook {
  readonly id: string;
  version: number;
  runs: number;
}

interface Execution {
  readonly id: string;
  readonly total: number;
  step: number;
}

interface Agent {
  readonly id: string;
  readonly name: string;
  calls: number;
}

/** Articles and executions under way at once; more would make every history thin. */
const OPEN_MAX = 400;

export class Lives {
  readonly #prng: Prng;
  readonly #tenantId: string;
  readonly #short: string;
  readonly #articles: Article[] = [];
  readonly #playbooks: Playbook[] = [];
  readonly #executions: Execution[] = [];
  readonly #agents: Agent[] = [];
  #made = 0;

  constructor(prng: Prng, tenantId: string) {
    this.#prng = prng;
    this.#tenantId = tenantId;
    this.#short = tenantId.slice(0, 2);
  }

  next(atNs: bigint): Draft {
    const kind = this.#prng.float();
    if (kind < 0.42) return this.#content(atNs);
    if (kind < 0.5) return this.#playbook(atNs);
    if (kind < 0.78) return this.#execution(atNs);
    return this.#agent(atNs);
  }

  #draft(
    atNs: bigint,
    eventType: string,
    entityType: string,
    entityId: string,
    actor: string,
    payloadJson: string,
  ): Draft {
    const dot = eventType.indexOf('.');
    const severity = eventType.endsWith('failed')
      ? 'high'
      : eventType.endsWith('deleted')
        ? 'medium'
        : 'info';
    return {
      tenantId: this.#tenantId,
      eventType,
      entityType,
      entityId,
      actor,
      action: eventType.slice(dot + 1),
      severity,
      occurredAtNs: atNs,
      payloadJson,
      keyText: entityId,
    };
  }

  #content(atNs: bigint): Draft {
    const prng = this.#prng;
    const writer = prng.pick(WRITERS);
    if (this.#articles.length === 0 || (this.#articles.length < OPEN_MAX && prng.chance(0.12))) {
      const id = `content-${this.#short}-${++this.#made}`;
      const article = {
        id,
        title: `${prng.pick(TOPICS)}: ${prng.pick(FORMS)}`,
        words: prng.int(80, 600),
        step: 0,
      };
      this.#articles.push(article);
      const payload = `{"id":"${id}","title":"${article.title}","status":"draft","wordCount":${article.words}}`;
      return this.#draft(atNs, 'content.created', 'content', id, writer, payload);
    }
    const index = prng.int(0, this.#articles.length - 1);
    const article = this.#articles[index]!;
    const { id } = article;
    if (prng.chance(0.6)) return this.#edit(article, atNs, writer);
    article.step++;
    if (article.step === 1)
      return this.#draft(atNs, 'content.updated', 'content', id, writer, '{"status":"review"}');
    if (article.step === 2) {
      const quality = prng.int(55, 99) / 100;
      const payload = `{"status":"approved","qualityScore":${quality}}`;
      return this.#draft(atNs, 'content.reviewed', 'content', id, 'review-agent', payload);
    }
    if (article.step === 3)
      return this.#draft(atNs, 'content.published', 'content', id, writer, '{"status":"published"}');
    this.#articles[index] = this.#articles.at(-1)!;
    this.#articles.pop();
    if (prng.chance(0.2))
      return this.#draft(atNs, 'content.deleted', 'content', id, writer, `{"id":"${id}"}`);
    return this.#draft(atNs, 'content.archived', 'content', id, writer, '{"status":"archived"}');
  }

  #edit(article: Article, atNs: bigint, writer: string): Draft {
    const prng = this.#prng;
    article.words += prng.int(-20, 180);
    if (article.words < 50) article.words = 50;
    let title = '';
    if (prng.chance(0.1)) {
      article.title = `${prng.pick(TOPICS)}: ${prng.pick(FORMS)}`;
      title = `"title":"${article.title}",`;
    }
    return this.#draft(
      atNs,
      'content.updated',
      'content',
      article.id,
      writer,
      `{${title}"wordCount":${article.words}}`,
    );
  }

  #playbook(atNs: bigint): Draft {
    const prng = this.#prng;
    if (this.#playbooks.length < 5 || (this.#playbooks.length < 40 && prng.chance(0.03))) {
      const id = `play-${this.#short}-${this.#playbooks.length + 1}`;
      this.#playbooks.push({ id, version: 1, runs: 0 });
      const payload = `{"id":"${id}","name":"${prng.pick(PLAYS)}","status":"active","version":1,"runCount":0}`;
      return this.#draft(atNs, 'playbook.created', 'playbook', id, prng.pick(WRITERS), payload);
    }
    const playbook = prng.pick(this.#playbooks);
    if (prng.chance(0.1)) {
      playbook.version++;
      return this.#draft(
        atNs,
        'playbook.updated',
        'playbook',
        playbook.id,
        prng.pick(WRITERS),
        `{"version":${playbook.version}}`,
      );
    }
    playbook.runs++;
    return this.#draft(
      atNs,
      'playbook.run',
      'playbook',
      playbook.id,
      'scheduler',
      `{"runCount":${playbook.runs}}`,
    );
  }

  #execution(atNs: bigint): Draft {
    const prng = this.#prng;
    if (this.#executions.length === 0 || (this.#executions.length < OPEN_MAX && prng.chance(0.2))) {
      const run = { id: `run-${this.#short}-${++this.#made}`, total: prng.int(3, 8), step: 0 };
      this.#executions.push(run);
      const payload = `{"runId":"${run.id}","status":"running","currentStep":0,"totalSteps":${run.total}}`;
      return this.#draft(atNs, 'playbook.execution_started', 'execution', run.id, 'scheduler', payload);
    }
    const index = prng.int(0, this.#executions.length - 1);
    const run = this.#executions[index]!;
    run.step++;
    const failed = prng.chance(0.02);
    if (!failed && run.step < run.total) {
      const payload = `{"status":"running","currentStep":${run.step}}`;
      return this.#draft(atNs, 'playbook.execution_step', 'execution', run.id, 'runner', payload);
    }
    this.#executions[index] = this.#executions.at(-1)!;
    this.#executions.pop();
    const status = failed ? 'failed' : 'completed';
    const payload = `{"status":"${status}","currentStep":${run.step}}`;
    return this.#draft(atNs, `playbook.execution_${status}`, 'execution', run.id, 'runner', payload);
  }

  #agent(atNs: bigint): Draft {
    const prng = this.#prng;
    if (this.#agents.length < 12) {
      const name = `${prng.pick(MODELS)} agent ${this.#agents.length + 1}`;
      const agent = { id: `agent-${this.#short}-${this.#agents.length + 1}`, name, calls: 0 };
      this.#agents.push(agent);
      const payload = `{"id":"${agent.id}","name":"${name}","status":"idle","executionCount":0}`;
      return this.#draft(atNs, 'llm.agent_registered', 'agent', agent.id, 'platform', payload);
    }
    const agent = prng.pick(this.#agents);
    if (prng.chance(0.03)) {
      const status = prng.pick(['idle', 'busy', 'degraded']);
      return this.#draft(atNs, 'llm.status_changed', 'agent', agent.id, 'platform', `{"status":"${status}"}`);
    }
    agent.calls++;
    const payload = `{"executionCount":${agent.calls},"latencyMs":${prng.int(180, 4200)}}`;
    return this.#draft(atNs, 'llm.call_completed', 'agent', agent.id, agent.name, payload);
  }
}
