// Fetches the page again while somebody looks at it, and puts its new <main> in place of the old one.
const main = document.getElementById('main');
const stale = document.getElementById('stale');
const everyMs = Number(main.dataset.refreshSeconds) * 1000;

async function refresh() {
  // A reader's selection, a focused field and an opened action would be lost with what is replaced.
  const inUse =
    main.contains(document.activeElement) || String(getSelection()) !== '' || main.querySelector('.act[open]') !== null;
  if (document.hidden || inUse) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(10000) });
    if (answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById('main');
    const scrolled = [...main.querySelectorAll('.scroll')].map((part) => part.scrollLeft);
    const unfolded = [...main.querySelectorAll('.fold[open]')].map((part) => part.id);
    main.replaceChildren(...fresh.childNodes);
    for (const id of unfolded) document.getElementById(id)?.setAttribute('open', '');
    main.querySelectorAll('.scroll').forEach((part, at) => {
      part.scrollLeft = scrolled[at] ?? 0;
    });
    stale.hidden = true;
    if (fresh.dataset.refreshSeconds === '') clearInterval(timer);
  } catch {
    stale.hidden = false;
  }
}

const timer = everyMs > 0 ? setInterval(refresh, everyMs) : 0;
document.addEventListener('visibilitychange', refresh);
