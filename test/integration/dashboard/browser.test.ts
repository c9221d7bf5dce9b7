import { mkdirSync } from 'node:fs';
import type { Dashboard } from '@reindeer/app-dashboard';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedis } from '../../support/servers.ts';
import { complaintsOf, HANGS_MS, hasChrome, launchChrome, PICTURES } from './chrome.ts';
import { type Fixture, fixture, seedRuns } from './fixture.ts';

describe.skipIf(!hasRedis || !hasChrome)('the dashboard in a browser', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  let chrome: Browser;
  beforeAll(async () => {
    fix = await fixture('dashboard-browser');
    await seedRuns(fix.ledger);
    await fix.queue.applySchedules([
      {
        index: 'cities',
        lane: 'rebuild',
        shard: -1,
        schedule: { kind: 'cron', cron: '0 3 * * 0', timezone: 'Europe/Berlin' },
      },
    ]);
    await fix.queue.deliver([
      {
        index: 'cities',
        run: 3,
        kind: 'slice',
        number: 4,
        delivery: 1,
        queue: 'bulk',
        nonce: 'n3',
        title: 'cities · rebuild #3 · slice 4/4',
        delayMs: 0,
      },
    ]);
    const bulk = fix.queue.boardQueues(['cities']).find(({ name }) => name === 'cities.bulk')?.queue;
    const job = (await bulk?.getWaiting())?.[0];
    await job?.updateProgress({ progress: 42, documents: 14_532, cursor: ['118332'] });
    dashboard = await fix.start({ users: [] });
    chrome = await launchChrome();
    if (PICTURES !== undefined) mkdirSync(PICTURES, { recursive: true });
  });
  afterAll(async () => {
    await chrome?.close();
    await fix?.end();
  });

  it.each(['light', 'dark'] as const)(
    'signs in by a link and shows the overview, a run and Bull Board, %s',
    async (colorScheme) => {
      const context = await chrome.newContext({ colorScheme, viewport: { width: 1280, height: 900 } });
      context.setDefaultTimeout(HANGS_MS);
      const complaints = complaintsOf(context, dashboard.url);
      const page = await context.newPage();
      const picture = async (name: string) => {
        if (PICTURES !== undefined)
          await page.screenshot({ path: `${PICTURES}/${name}-${colorScheme}.png`, fullPage: true });
      };
      await page.goto(dashboard.url);
      expect(new URL(page.url()).pathname).toBe('/sign-in');
      await picture('sign-in');

      await page.goto(await dashboard.signInLink());
      await picture('link');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      expect(await page.getByRole('progressbar').getAttribute('value')).toMatch(/^0\.\d+/);
      expect(await page.locator('#index-cities').textContent()).toContain('Refresh owed');
      await picture('overview');

      // The page renews itself: what happens meanwhile appears without a reload.
      await fix.ledger.pool.query(
        `insert into holds (index, reason, actor, note) values ('cities', 'paused', 'ops', $1)`,
        [`a look at the disk, ${colorScheme}`],
      );
      await page.getByText(`a look at the disk, ${colorScheme}`).waitFor();
      await picture('overview-held');
      await fix.ledger.pool.query(`update holds set released_at = now() where released_at is null`);

      await page.locator('#index-cities').getByRole('link', { name: '#1', exact: true }).click();
      await page.getByRole('heading', { name: /rebuild #1/ }).waitFor();
      await picture('run');

      await page.getByRole('link', { name: 'Queues' }).click();
      await page.getByText('Reindeer queues').first().waitFor();
      await page.getByText('Loading...').waitFor({ state: 'hidden' });
      await picture('board');
      await page.goto(`${dashboard.url}/queues/queue/cities.bulk?status=waiting`);
      await page.getByText('cities · rebuild #3 · slice 4/4').first().waitFor();
      await page.getByText('42%').first().waitFor();
      expect(await page.getByRole('link', { name: 'Run #3' }).getAttribute('href')).toBe('/runs/3');
      await picture('board-queue');

      await page.goto(dashboard.url);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in with a link' }).waitFor();
      expect(complaints).toEqual([]);
      await context.close();
    },
  );
});
