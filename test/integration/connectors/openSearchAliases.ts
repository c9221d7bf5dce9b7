import { expect, it } from 'vitest';
import { useOpenSearch } from './openSearchFixture.ts';

/** Swaps, drops and bounds that meet another's between their reading and their one atomic call. */
export function aliasTests(url: string): void {
  const { signal, proxy, client, open, fresh, make } = useOpenSearch(url);

  /** Holds the first call that changes aliases, lets something else happen, and lets it go on. */
  const overtaken = async <T>(call: () => Promise<T>, meanwhile: () => Promise<unknown>): Promise<T> => {
    let first = true;
    const held = proxy().hold(({ method, path }) => {
      const mine = first && method === 'POST' && path.startsWith('/_aliases');
      if (mine) first = false;
      return mine;
    });
    const calling = call();
    calling.catch(() => undefined);
    await expect.poll(() => first).toBe(false);
    await meanwhile();
    held.release();
    return await calling;
  };
  const add = (index: string, alias: string) => client('POST', '_aliases', { actions: [{ add: { index, alias } }] });

  it('lets one of two first swaps win, though both saw nothing', async () => {
    const sink = open();
    const index = fresh();
    const [one, two] = [await make(sink, index, 1), await make(sink, index, 2)];
    const slow = overtaken(
      () => sink.promote(one, null, signal),
      () => sink.promote(two, null, signal),
    );
    await expect(slow).rejects.toMatchObject({ reason: 'sink-moved' });
    expect(await sink.live(index, signal)).toEqual({ generation: two, epoch: 1 });
  });

  it('refuses a swap that another overtook, whoever it was', async () => {
    const sink = open();
    const index = fresh();
    const [one, two, three] = [await make(sink, index, 1), await make(sink, index, 2), await make(sink, index, 3)];
    const first = await sink.promote(one, null, signal);
    const slow = overtaken(
      () => sink.promote(two, first, signal),
      () => sink.promote(three, first, signal),
    );
    await expect(slow).rejects.toMatchObject({ reason: 'sink-moved' });
    const live = { generation: three, epoch: 2 };
    const back = overtaken(
      () => sink.promote(one, live, signal),
      () => client('POST', '_aliases', { actions: [{ remove: { index: three.name, alias: index } }] }),
    );
    await expect(back).rejects.toMatchObject({ reason: 'sink-moved' });
    expect(await sink.live(index, signal)).toBeNull();
    // Epochs go on, so that who remembers an older one stays deposed.
    expect(await sink.promote(two, null, signal)).toEqual({ generation: two, epoch: 3 });
  });

  it('refuses a swap when an ordinary index took the name meanwhile, and one to a generation that went', async () => {
    const sink = open();
    const index = fresh();
    const generation = await make(sink, index);
    const slow = overtaken(
      () => sink.promote(generation, null, signal),
      () => client('PUT', index, {}),
    );
    await expect(slow).rejects.toMatchObject({
      reason: 'name-taken',
      message: expect.stringContaining(`reindeer run ${index} --adopt`),
    });
    await client('DELETE', index);
    const late = overtaken(
      () => sink.promote(generation, null, signal),
      () => client('DELETE', generation.name),
    );
    await expect(late).rejects.toMatchObject({ reason: 'generation-gone' });
    expect(await sink.live(index, signal)).toBeNull();
  });

  it('tells of an alias that shows several indexes', async () => {
    const sink = open();
    const index = fresh();
    const [one, two] = [await make(sink, index, 1), await make(sink, index, 2)];
    const live = await sink.promote(one, null, signal);
    await add(two.name, index);
    const told = { reason: 'sink-moved', message: expect.stringContaining(two.name) };
    await expect(sink.live(index, signal)).rejects.toMatchObject(told);
    await expect(sink.promote(two, live, signal)).rejects.toMatchObject(told);
    await expect(sink.check(index, signal)).rejects.toMatchObject({ code: 'name-taken' });
    await expect(sink.drop(two, signal)).rejects.toMatchObject({ reason: 'sink-moved' });
  });

  it("takes over an alias of somebody else's index only when told to, and leaves that index alone", async () => {
    const sink = open();
    const index = fresh();
    const old = `${index}_v1`;
    await client('PUT', old, {});
    await add(old, index);
    const generation = await make(sink, index);
    expect(await sink.live(index, signal)).toBeNull();
    await expect(sink.check(index, signal)).rejects.toMatchObject({ message: expect.stringContaining('--adopt') });
    await expect(sink.promote(generation, null, signal)).rejects.toMatchObject({ reason: 'name-taken' });
    expect(await sink.promote(generation, null, signal, true)).toEqual({ generation, epoch: 1 });
    expect(Object.keys(await client('GET', old))).toEqual([old]);
  });

  it('does not drop what became live meanwhile', async () => {
    const sink = open();
    const index = fresh();
    const [one, two] = [await make(sink, index, 1), await make(sink, index, 2)];
    const live = await sink.promote(one, null, signal);
    const slow = overtaken(
      () => sink.drop(two, signal),
      () => sink.promote(two, live, signal),
    );
    await expect(slow).rejects.toMatchObject({ reason: 'sink-moved' });
    expect(await sink.live(index, signal)).toEqual({ generation: two, epoch: 2 });
    await sink.drop(one, signal);
    expect((await sink.list(index, signal)).map(({ name }) => name)).toEqual([two.name]);
  });

  it('keeps the highest ticket bound, whichever came last', async () => {
    const sink = open();
    const index = fresh();
    const generation = await make(sink, index);
    await overtaken(
      () => sink.reserve(generation, 2_000, signal),
      () => sink.reserve(generation, 1_763_900_000_000_000, signal),
    );
    const bound = async () => (await sink.list(index, signal))[0]?.metadata?.ticketBound;
    expect(await bound()).toBe(1_763_900_000_000_000);
    await sink.reserve(generation, 1_763_900_000_000_001, signal);
    expect(await bound()).toBe(1_763_900_000_000_001);
    // Those below it went.
    const { [generation.name]: found } = await client('GET', `${generation.name}/_alias`);
    expect(Object.keys(found.aliases)).toHaveLength(2);
  });
}
