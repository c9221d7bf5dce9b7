import { mkdirSync } from 'node:fs';
import type { Dashboard } from '@reindeer/app-dashboard';
import { query } from '@reindeer/ledger';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasRedis } from '../../support/servers.ts';
import { complaintsOf, HANGS_MS, hasChrome, launchChrome, PICTURES } from './chrome.ts';
import { type Fixture, fixture, OPERATOR, seedFollowed, VIEWER } from './fixture.ts';

describe.skipIf(!hasRedis || !hasChrome)('rolling back in a browser', () => {
  let fix: Fixture;
  let dashboard: Dashboard;
  let chrome: Browser;
  beforeAll(async () => {
    fix = await fixture('dashboard-rollback', { incremental: { everyMs: 1_000 } });
    await seedFollowed(fix.ledger);
    dashboard = await fix.start();
    chrome = await launchChrome();
    if (PICTURES !== undefined) mkdirSync(PICTURES, { recursive: true });
  });
  afterAll(async () => {
    await chrome?.close();
    await fix?.end();
  });
  beforeEach(async () => {
    await query(fix.ledger, `update consumers set passed_at = now() - interval '400 ms'`);
    await query(fix.ledger, `delete from run_places where place = 'promote'`);
    await query(fix.ledger, `delete from runs where lane = 'promote'`);
    await query(fix.ledger, `delete from audit where action = 'rollback'`);
  });

  const open = async (user = OPERATOR, options: BrowserContextOptions = {}) => {
    const context = await chrome.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(HANGS_MS);
    const complaints = complaintsOf(context, dashboard.url);
    const page = await context.newPage();
    await page.goto(dashboard.url);
    await page.getByLabel('Name').fill(user.name);
    await page.getByLabel('Password').fill(user.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const picture = async (name: string) => {
      if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
    };
    return {
      page,
      complaints,
      picture,
      card: page.locator('#index-cities'),
      [Symbol.asyncDispose]: () => context.close(),
    };
  };
  const asked = () =>
    query(
      fix.ledger,
      `select target, detail ->> 'note' as note, detail -> 'force' as force from audit where action = 'rollback'`,
    );

  it.each([
    ['with scripts', { colorScheme: 'light' }],
    [
      'without scripts, on a telephone',
      { javaScriptEnabled: false, viewport: { width: 360, height: 780 }, colorScheme: 'dark' },
    ],
  ] as const)(
    'an operator sees what can be gone back to, says why, and sees what it waits for, %s',
    async (how, options) => {
      await using operator = await open(OPERATOR, options);
      const { page, complaints, card, picture } = operator;
      await card.getByText('last run failed', { exact: true }).waitFor();
      await card.getByText(/s behind/).waitFor();
      await card.getByText('cities_g5_q1zz is built and was refused').waitFor();
      await picture(`followed ${how}`);

      for (const summary of ['Promote…', 'Pause…']) {
        await card.getByText(summary).click();
        const box = await card.locator('.act[open] .panel').boundingBox();
        const width = page.viewportSize()?.width ?? 0;
        expect(box !== null && box.x >= 0 && box.x + box.width <= width, summary).toBe(true);
        await card.getByText(summary).click();
      }
      await card.getByText('Roll back…').click();
      await card.getByText('loses no change').waitFor();
      await card.getByLabel('cities_g3_p7ax').waitFor();
      await card.locator('form[action$="/rollback"]').getByRole('textbox', { name: 'Note' }).fill('no <umlauts>');
      await picture(`roll back ${how}`);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
      await card.getByRole('button', { name: 'Roll back' }).click();
      await page.getByRole('heading', { name: /promote #\d+ queued/ }).waitFor();
      expect(await asked()).toEqual([{ target: 'cities to cities_g3_p7ax', note: 'no <umlauts>', force: false }]);

      await query(
        fix.ledger,
        `update runs set status = 'running', started_at = now() where lane = 'promote' and finished_at is null`,
      );
      await query(
        fix.ledger,
        `update tasks t set waits_for = '{"reason": "not-caught-up", "detail": "The feed is on hold: \`reindeer resume INDEX incremental\`."}'
         from runs r where r.run = t.run and r.lane = 'promote' and r.finished_at is null`,
      );
      await page.reload();
      await page.getByText('Waits: not-caught-up').waitFor();
      await picture(`waits ${how}`);
      await page.goto(dashboard.url);
      await card.getByText('waits', { exact: true }).waitFor();
      expect(complaints).toEqual([]);
    },
  );

  it('force needs a note, and takes back what is not kept current', async () => {
    await using operator = await open();
    const { page, card } = operator;
    const form = card.locator('form[action$="/rollback"]');
    await card.getByText('Roll back…').click();
    await form.getByLabel('cities_g2_k3f9').check();
    await form.getByLabel('by force').check();
    await form.getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('say why, with a note').waitFor();
    await page.goto(dashboard.url);
    await card.getByText('Roll back…').click();
    await form.getByLabel('cities_g2_k3f9').check();
    await form.getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('is not kept current any more (soaked)').waitFor();
    await page.goto(dashboard.url);
    await card.getByText('Roll back…').click();
    await form.getByLabel('cities_g2_k3f9').check();
    await form.getByLabel('by force').check();
    await form.getByRole('textbox', { name: 'Note' }).fill('rather old than wrong');
    await form.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('heading', { name: /promote #\d+ queued/ }).waitFor();
    expect(await asked()).toEqual([{ target: 'cities to cities_g2_k3f9', note: 'rather old than wrong', force: true }]);
  });

  it('a feed that stands is the first thing to be seen', async () => {
    await query(fix.ledger, `update consumers set passed_at = now() - interval '200 seconds'`);
    await query(
      fix.ledger,
      `update tasks set attempts = 3, error = 'The triggers are gone: \`reindeer migrate --source\`.', failing_since = now() where run = 4`,
    );
    await query(
      fix.ledger,
      `insert into requested_keys (index, key) select 'cities', '["1"]' from generate_series(1, 12)`,
    );
    await using viewer = await open(VIEWER);
    const { card, picture } = viewer;
    await card.getByText('feed stands', { exact: true }).waitFor();
    await card.getByText(/not finished a pass for 3 min .*: The triggers are gone/).waitFor();
    await card.getByText('12 requested keys').waitFor();
    expect(await card.getByText('Roll back…').count()).toBe(0);
    await picture('feed stands');
    await query(fix.ledger, `update tasks set attempts = 0, error = null, failing_since = null where run = 4`);
    await query(fix.ledger, `truncate requested_keys`);
  });
});
