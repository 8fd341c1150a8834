import { createTemplateAction, type ActionContext } from '@backstage/plugin-scaffolder-node';
import { GaiaError, visible, type Gaia } from 'backstage-plugin-gaia-node';
import { failIfEnded, follow, keyOf, pageOf, pathOf, requestIn, summaryOf, takeBack, tokenOf, type Asker, type Request } from './requests.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what all actions have in common
type Context = Pick<ActionContext<any, any>, 'logger' | 'secrets' | 'signal' | 'task' | 'step' | 'isDryRun'>;

/** What each action is called; `custom:atmos:provision` is `gaia:request` by the name that older templates have. */
export const NAMES = ['gaia:request', 'custom:atmos:provision', 'gaia:preview', 'gaia:wait', 'gaia:approve', 'gaia:retire'];

export function actionsOf(gaia: Gaia) {
  return [asking(gaia, 'gaia:request'), asking(gaia, 'custom:atmos:provision'), previewing(gaia), waiting(gaia), approving(gaia), retiring(gaia)];
}

function asking(gaia: Gaia, id: string) {
  return createTemplateAction({
    id,
    description: 'Asks Gaia for a service, in the name of the person whose token the task holds',
    supportsDryRun: true,
    schema: {
      input: {
        template: z => z.string().min(1).describe('What is asked for: the name of a template of Gaia'),
        version: z => z.string().optional().describe('Of the template whose questions were answered; refused if it is another by now'),
        stack: z => z.string().min(1).describe('Where, e.g. acme-use1-dev'),
        name: z => z.string().min(1).max(63).describe('What it is to be called: lower-case letters, digits, hyphens'),
        answers: z => z.record(z.string(), z.unknown()).optional().describe("Answers to the template's questions"),
        expiresIn: z => z.number().int().positive().optional().describe('Seconds in which somebody has to decide'),
        ttl: z => z.number().int().positive().optional().describe('Seconds that the service lives'),
        onFailure: z => z.enum(['park', 'undo']).optional().describe('Of what was made, where it cannot be finished'),
      },
      output: {
        request: z => z.string().describe('The id of the request'),
        status: z => z.string().describe('How it stands'),
        url: z => z.string().describe('Its page'),
      },
    },
    async handler(ctx) {
      const { template, version, stack, name, answers = {}, expiresIn, ttl, onFailure } = ctx.input;
      const asker = askerOf(gaia, ctx);
      await sameVersion(asker, template, version);
      if (ctx.isDryRun) {
        await gaia.call({ method: 'POST', path: `/templates/${encodeURIComponent(template)}/answers`, body: { answers }, token: asker.token });
        asker.say('Gaia takes these answers. Nothing was asked for: this is a dry run.');
        return shown(ctx, { request: 'req_of-a-dry-run', status: 'submitted', url: gaia.baseUrl });
      }
      const body = { template, service: name, stack, answers, expires_in: expiresIn ?? null, ttl: ttl ?? null, on_failure: onFailure ?? 'park' };
      const made = await asked(asker, ctx, '/services', body);
      return shown(ctx, { request: made.id, status: made.status, url: pageOf(gaia, made.id) });
    },
  });
}

function retiring(gaia: Gaia) {
  return createTemplateAction({
    id: 'gaia:retire',
    description: 'Asks Gaia to destroy a service; somebody approves that like any request',
    supportsDryRun: true,
    schema: {
      input: {
        service: z => z.string().min(1).describe('What it is called'),
        stack: z => z.string().min(1).describe('Where it is'),
      },
      output: {
        request: z => z.string().describe('The id of the request'),
        status: z => z.string().describe('How it stands'),
        url: z => z.string().describe('Its page'),
      },
    },
    async handler(ctx) {
      const { service, stack } = ctx.input;
      const asker = askerOf(gaia, ctx);
      if (ctx.isDryRun) {
        asker.say(`${visible(service)} in ${visible(stack)} would be asked to be destroyed. Nothing was: this is a dry run.`);
        return shown(ctx, { request: 'req_of-a-dry-run', status: 'submitted', url: gaia.baseUrl });
      }
      const made = await asked(asker, ctx, `/services/${encodeURIComponent(service)}/retire`, { stack });
      return shown(ctx, { request: made.id, status: made.status, url: pageOf(gaia, made.id) });
    },
  });
}

function previewing(gaia: Gaia) {
  return createTemplateAction({
    id: 'gaia:preview',
    description: 'Waits until Gaia has previewed a request, and shows what would be done',
    supportsDryRun: true,
    schema: {
      input: {
        request: z => z.string().min(1).describe('The id of a request'),
        timeoutMinutes: z => z.number().positive().optional().describe('How long to wait; 60 if left out'),
      },
      output: {
        digest: z => z.string().describe('Names exactly this preview: what gaia:approve signs'),
        creates: z => z.number().describe('Resources that would come to exist'),
        changes: z => z.number().describe('Resources that would be changed'),
        destroys: z => z.number().describe('Resources that would be destroyed'),
        cost: z => z.string().describe('What it would cost, or that this is unknown'),
        findings: z => z.number().describe('What the policies remark'),
      },
    },
    async handler(ctx) {
      const asker = askerOf(gaia, ctx);
      if (ctx.isDryRun) return shown(ctx, { digest: '', creates: 0, changes: 0, destroys: 0, cost: 'unknown', findings: 0 });
      const { preview, status } = await follow(asker, ctx.input.request, 'preview', ctx.input.timeoutMinutes ?? 60);
      if (!preview) throw new GaiaError('preview-missing', `the request is ${status} and has no preview`, 'Look at its page.');
      for (const one of preview.changes) asker.say(`${visible(one.action, 20)} ${visible(one.address, 300)}`);
      for (const one of preview.findings) asker.say(`policy: ${visible(one.message ?? one.title, 500)}`);
      const summary = summaryOf(preview);
      asker.say(`${summary.creates} to create, ${summary.changes} to change, ${summary.destroys} to destroy; cost: ${summary.cost}`);
      asker.say(`Who approves, approves the preview with the digest ${visible(preview.digest, 200)}`);
      return shown(ctx, { digest: preview.digest, ...summary, findings: preview.findings.length });
    },
  });
}

function waiting(gaia: Gaia) {
  return createTemplateAction({
    id: 'gaia:wait',
    description: 'Waits for what comes of a request, and shows what is done for it; fails as the request does',
    supportsDryRun: true,
    schema: {
      input: {
        request: z => z.string().min(1).describe('The id of a request'),
        until: z => z.enum(['preview', 'end']).optional().describe('What is waited for; the end if left out'),
        timeoutMinutes: z => z.number().positive().optional().describe('How long; 60 if left out. The request goes on afterwards'),
      },
      output: { status: z => z.string().describe('How it stands'), url: z => z.string().describe('Its page') },
    },
    async handler(ctx) {
      const { request, until = 'end', timeoutMinutes = 60 } = ctx.input;
      const asker = askerOf(gaia, ctx);
      if (ctx.isDryRun) return shown(ctx, { status: 'done', url: gaia.baseUrl });
      asker.say(`What comes of it stands at ${pageOf(gaia, request)}`);
      const found = await follow(asker, request, until, timeoutMinutes);
      return shown(ctx, { status: found.status, url: pageOf(gaia, found.id) });
    },
  });
}

function approving(gaia: Gaia) {
  return createTemplateAction({
    id: 'gaia:approve',
    description: 'Approves exactly one preview of a request, in the name of the person whose token the task holds',
    supportsDryRun: true,
    schema: {
      input: {
        request: z => z.string().min(1).describe('The id of a request'),
        digest: z => z.string().min(1).describe('Of the preview that was read; another one than that is refused'),
        reason: z => z.string().optional().describe('Why'),
      },
      output: { status: z => z.string().describe('How it stands'), url: z => z.string().describe('Its page') },
    },
    async handler(ctx) {
      const { request, digest, reason = '' } = ctx.input;
      const asker = askerOf(gaia, ctx);
      if (ctx.isDryRun) {
        asker.say('Nothing was approved: this is a dry run.');
        return shown(ctx, { status: 'waiting', url: gaia.baseUrl });
      }
      const body = { digest, reason };
      const { body: answer } = await gaia.call({ method: 'POST', path: `${pathOf(request)}/approve`, body, token: asker.token, key: keyOf(ctx.task.id, ctx.step?.id, [request, body]) });
      const found = requestIn(answer);
      failIfEnded(found);
      return shown(ctx, { status: found.status, url: pageOf(gaia, found.id) });
    },
  });
}

function askerOf(gaia: Gaia, ctx: Context): Asker {
  return { gaia, token: tokenOf(ctx.secrets), say: line => ctx.logger.info(line), signal: ctx.signal };
}

/** The questions that a form showed are those that are asked now. */
async function sameVersion(asker: Asker, template: string, version: string | undefined): Promise<void> {
  if (version === undefined) return;
  const { body } = await asker.gaia.call({ path: `/templates/${encodeURIComponent(template)}`, token: asker.token, signal: asker.signal });
  if (body.version !== version) {
    throw new GaiaError('template-changed', `${visible(template, 63)} asks other questions now: it is of version ${visible(body.version, 40)}, and the form was of ${visible(version, 40)}`, 'Open the form again.', 409);
  }
}

/** Ask for something. The answer is waited for whatever happens, so that a cancelled task knows what to take back. */
async function asked(asker: Asker, ctx: Context, path: string, body: unknown): Promise<Request> {
  const key = keyOf(ctx.task.id, ctx.step?.id, [path, body]);
  ctx.signal?.throwIfAborted();
  const made = requestIn((await asker.gaia.call({ method: 'POST', path, body, token: asker.token, key })).body);
  asker.say(`Asked for as ${made.id}`);
  const ended = async () => {
    try {
      await takeBack(asker, made.id);
      asker.say(`${made.id} is taken back, for the task was cancelled`);
    } catch (error) {
      ctx.logger.error(`${made.id} could not be taken back: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  if (ctx.signal?.aborted) {
    await ended();
    ctx.signal.throwIfAborted();
  }
  ctx.signal?.addEventListener('abort', ended, { once: true }); // also while a later step is at work
  return made;
}

function shown<T extends Record<string, unknown>>(ctx: { output(name: string, value: never): void }, values: T): void {
  for (const [name, value] of Object.entries(values)) ctx.output(name, value as never);
}
