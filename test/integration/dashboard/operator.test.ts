import type { Dashboard } from '@reindeer/app-dashboard';
import type { UserDefinition } from '@reindeer/config';
import { query } from '@reindeer/ledger';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasRedis } from '../../support/servers.ts';
import { until } from '../../support/until.ts';
import { complaintsOf, HANGS_MS, hasChrome, launchChrome } from './chrome.ts';
import { type Fixture, fixture, OPERATOR, seedRuns, VIEWER } from './fixture.ts';

describe.skipIf(!hasRedis || !hasChrome)('viewers and operators in a browser', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  let chrome: Browser;
  beforeAll(async () => {
    fix = await fixture('dashboard-operator');
    await seedRuns(fix.ledger);
    await query(fix.ledger, `insert into tasks (run, kind, number, status) values (3, 'plan', 0, 'completed')`);
    await query(fix.ledger, `update generations set shard_bounds = '[["1"], ["2"], ["3"]]' where state = 'live'`);
    await fix.queue.applySchedules(
      [0, 1, 2, 3].map((shard) => ({
        ...{ index: 'cities', lane: 'refresh', shard },
        schedule: { kind: 'every', everyMs: 86_400_000, offsetMs: 1_000 * shard },
      })),
    );
    dashboard = await fix.start();
    chrome = await launchChrome();
  });
  afterAll(async () => {
    await chrome?.close();
    await fix?.end();
  });
  beforeEach(async () => {
    await query(fix.ledger, `update holds set released_at = now() where released_at is null`);
    await query(fix.ledger, `update runs set status = 'running', finished_at = null, reason = null where run = 3`);
    await query(fix.ledger, `delete from run_places`);
    await query(fix.ledger, `insert into run_places (index, place, shard, run) values ('cities', 'rebuild', -1, 3)`);
  });

  const open = async (user: UserDefinition, options: BrowserContextOptions = {}) => {
    const context = await chrome.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    context.setDefaultTimeout(HANGS_MS);
    const complaints = complaintsOf(context, dashboard.url);
    const page = await context.newPage();
    await page.goto(dashboard.url);
    await page.getByLabel('Name').fill(user.name);
    await page.getByLabel('Password').fill(user.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
  };
  const buttons = (page: Page) =>
    page
      .locator('main')
      .evaluate((main) => [...main.querySelectorAll('button, summary')].map((one) => one.textContent?.trim()));
  const actions = async () =>
    (
      await query<{ line: string }>(
        fix.ledger,
        `select actor || ' ' || action || ' ' || target as line from audit where action not like 'sign-%' order by entry`,
      )
    ).map(({ line }) => line);

  it('a viewer sees everything and no button', async () => {
    await using viewer = await open(VIEWER);
    const { page, complaints } = viewer;
    expect(await buttons(page)).toEqual([]);
    await page.goto(`${dashboard.url}/runs/3`);
    expect(await buttons(page)).toEqual([]);
    await page.goto(`${dashboard.url}/queues/job-schedulers`);
    await page.getByText('cities · refresh · shard 3').waitFor();
    expect(await page.getByRole('button', { name: /run now|remove|edit/i }).count()).toBe(0);
    // What the page does not offer, the server refuses.
    const status = await page.evaluate(
      async () => (await fetch('/queues/api/queues/cities.bulk/pause', { method: 'PUT' })).status,
    );
    expect(status).toBe(403);
    expect(complaints.filter((text) => !text.includes('403'))).toEqual([]);
  });

  it.each([
    ['with scripts', { javaScriptEnabled: true, colorScheme: 'light' }],
    [
      'without scripts, on a telephone',
      { javaScriptEnabled: false, viewport: { width: 360, height: 780 }, colorScheme: 'dark' },
    ],
  ] as const)('an operator pauses, resumes, starts, cancels, %s', async (_, options) => {
    await using operator = await open(OPERATOR, options);
    const { page, complaints } = operator;
    const card = page.locator('#index-cities');
    const before = (await actions()).length;

    await card.getByText('Pause…').click();
    await card.getByLabel('Note').fill('new disk <tonight>');
    await card.getByRole('button', { name: 'Pause' }).click();
    await card.getByText('“new disk <tonight>”').waitFor();
    await card.getByText('All of it is paused').waitFor();
    await card.getByRole('button', { name: 'Resume' }).click();
    await card.getByText('Pause…').waitFor();
    expect(await card.getByText('is paused').count()).toBe(0);

    // Refused, with the reason, as a page.
    await card.getByText('Run…').click();
    await card.getByRole('button', { name: 'Start' }).click();
    await page.getByText('Run 3 is still open.').waitFor();
    await page.getByRole('link', { name: 'To run #3' }).click();

    await page.getByText('Cancel…').click();
    await page.getByLabel('at once').check();
    await page.getByRole('button', { name: 'Cancel the run' }).click();
    await page.getByRole('heading', { name: /rebuild #3 cancelled/ }).waitFor();

    await page.goto(dashboard.url);
    await card.getByText('Run…').click();
    await card.getByRole('radio', { name: 'verify' }).check();
    await card.getByLabel('Shard').fill('2');
    await card.getByRole('button', { name: 'Start' }).click();
    const heading = page.getByRole('heading', { name: /verify #\d+ shard 2/ });
    await heading.waitFor();
    const run = Number(/#(\d+)/.exec((await heading.textContent()) ?? '')?.[1]);
    await page.getByText('waiting for a worker').waitFor();

    expect((await actions()).slice(before)).toEqual([
      'ops pause cities',
      'ops resume cities',
      'ops cancel run 3',
      'ops run cities verify shard 2',
    ]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    // Chromium logs the refusal's status itself.
    expect(complaints.filter((text) => !text.includes('409'))).toEqual([]);
    await query(fix.ledger, `update runs set status = 'cancelled', finished_at = now() where run = $1`, [run]);
  });

  it('an operator acts in Bull Board: pauses a queue, finds the run of a job, runs a schedule now', async () => {
    await using operator = await open(OPERATOR);
    const { page } = operator;
    const before = (await actions()).length;
    await fix.queue.deliver([
      {
        ...{ index: 'cities', run: 3, kind: 'slice', number: 4, delivery: 1, queue: 'bulk', nonce: 'n3' },
        ...{ title: 'cities · rebuild #3 · slice 4/4', delayMs: 0 },
      },
    ]);
    await page.goto(`${dashboard.url}/runs/3`);
    await page.getByRole('link', { name: 'Job of slice 4' }).click();
    await page.getByText('cities · rebuild #3 · slice 4/4').first().waitFor();
    // It opens a page of its own.
    const href = await page.getByRole('link', { name: 'Run #3' }).getAttribute('href');
    await page.goto(new URL(href ?? '', dashboard.url).href);
    await page.getByRole('heading', { name: /rebuild #3/ }).waitFor();

    await page.goto(`${dashboard.url}/queues/queue/cities.bulk`);
    await page.locator('button[aria-haspopup="menu"]').nth(1).click();
    await page.getByRole('menuitem', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await until('the pause is a hold', async () => {
      const [hold] = await query(fix.ledger, `select from holds where reason = 'queue-paused' and released_at is null`);
      return hold !== undefined;
    });
    await page.goto(dashboard.url);
    await page.locator('#index-cities').getByRole('button', { name: 'Resume' }).click();
    await page.locator('#index-cities').getByText('Pause…').waitFor();
    expect(await fix.queue.pausedQueues(['cities'])).toEqual([]);

    await page.goto(`${dashboard.url}/queues/job-schedulers`);
    await page.getByText('cities · refresh · shard 3').waitFor();
    await page.getByRole('button', { name: 'Run now' }).first().click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await until('the tick is written down', async () =>
      (await actions()).at(-1)?.startsWith('ops schedule.run ticks/cities.refresh.'),
    );
    expect((await actions()).slice(before, -1)).toEqual(['ops queue.pause cities.bulk', 'ops resume cities']);
  });
});
