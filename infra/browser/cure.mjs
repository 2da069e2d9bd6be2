// The whole cure of cause 1, from the mail to the active licence, as somebody does it on a phone: 360 pixels
// wide, without script, by keyboard alone; where nothing is granted (Ekeby Trä) and where all is (Fjord Foods);
// 1, 3 and 10 days after the last that was told of the licence. What is pressed is counted, and each word that
// shows: of mails all but the values that they rest on, of pages what need not be opened first, and their foot once.
import { join } from "node:path";

const mostTaps = 8, mostWords = 600;
const days = [1, 3, 10];

export async function cures({ browser, check, press, reach, startRun, artifacts }) {
  for (const day of days) {
    const run = await startRun(["-now", "2026-11-24T12:00:00Z"]); // a Tuesday: the demo is told of at nine
    const told = async (path, options = {}) => (await fetch(run.base + path, { headers: { Authorization: `Bearer ${run.token}`, "Content-Type": "application/json" }, ...options })).json();
    const walk = { run, told, day, browser, check, press, reach, artifacts };
    try {
      const { facts } = await told("/accounts/C-1093/facts");
      const last = Math.max(...facts.filter((f) => f.type === "licence.reported").map((f) => Date.parse(f.timestamp ?? f.at)));
      const now = Date.parse((await told("/local/clock")).now);
      await told("/local/clock", { method: "POST", body: JSON.stringify({ advance: `${Math.round((last + day * 86400e3 + 60e3 - now) / 1000)}s` }) });
      await cure({ ...walk, account: "C-1093", cust: "Cust62290", granted: false });
      await cure({ ...walk, account: "C-1042", cust: "Cust12345", granted: true });
    } finally {
      await run.stop();
    }
  }
}

// primary are the main buttons of a page: one, but where a question has several answers.
const primary = "main button:not(.second):not(.plain), main a.button:not(.second)";

async function cure({ run, told, day, browser, check, press, reach, artifacts, account, cust, granted }) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 640 } });
  const page = await context.newPage();
  const name = `cure-${granted ? "granted" : "nothing"}-day-${day}`;
  let taps = 0, words = 0, shots = 0;
  const trail = [];
  const read = async (what, selector) => {
    const count = (text) => (text.replace(/\d+( \d+)+/g, "0").match(/\S*[\p{L}\p{N}]\S*/gu) ?? []).length; // a telephone's number is one thing to read
    const n = count(await page.locator(selector).innerText());
    words += n;
    trail.push(`${what}: ${n}`);
    await page.screenshot({ path: join(artifacts, `${name}-${++shots}.png`) });
  };
  const tap = async (what, selector = primary) => {
    await press(page, selector);
    if (taps++ === 0) await read("the foot", "footer");
    await read(what, "main");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth).catch(() => 0);
    check(wide <= 0, `${name}, ${what}: scrolls sideways by ${wide} px`);
  };
  // main presses the one main button that the page has.
  const main = async (what) => {
    const all = await page.locator(primary).evaluateAll((list) => list.filter((e) => e.checkVisibility()).map((e) => e.textContent));
    check(all.length === 1, `${name}, before ${what}: the page has ${all.length} main buttons: ${all.join(" | ")}`);
    await tap(what);
  };
  const superoffice = async (buttons) => {
    const sim = await context.newPage();
    for (const button of buttons) {
      await sim.goto(`${run.crm}/sim/${cust}`);
      await press(sim, button);
    }
    await sim.close();
  };

  const { mails } = await told(`/accounts/${account}/mails`);
  const mail = mails.find((m) => m.why.startsWith("notice"));
  await page.goto(`${run.base}/mail/${account}/${mail.id}/html`);
  await read("the mail", "body");
  await tap("the link", "a[href]");
  const low = await page.evaluate((list) => list.map((s) => [...document.querySelectorAll(s)].filter((e) => e.checkVisibility()).map((e) => Math.round(e.getBoundingClientRect().bottom))), ["h1", primary]);
  check(low.every((l) => l.length === 1 && l[0] <= 640), `${name}: the first screen ends above its sentence or its button: ${JSON.stringify(low)}`);
  if (!granted && day > 1) {
    await main("what the screen says is asked");
    await tap("all is as it was", 'button[name="offer"][value="as-before"]');
    if (await page.locator('button[name="same"][value="yes"]').count()) await tap("yes, all", 'button[name="same"][value="yes"]');
  } else await main("choose");
  check(/\/seats\//.test(page.url()), `${name}: no choosing at ${page.url()}`);
  const proposed = await page.locator('form[action$="/choose"]').first().locator('input[name="user"]').evaluateAll((list) => list.map((e) => e.value));
  const seats = (await told(`/accounts/${account}/seats`)).seats.filter((s) => proposed.includes(s.user.id));
  await main("the two who are proposed");
  await superoffice([...new Set(seats.map((s) => s.user.name))].map((who) => `button[aria-label^="Remove licence"][aria-label$="${who}"]`));
  if (granted) {
    await main("it is done");
    await main("send me a code");
    const code = (await told(`/accounts/${account}/mails`)).mails.find((m) => m.why.startsWith("code"));
    const at = page.url();
    await page.goto(`${run.base}/mail/${account}/${code.id}/html`);
    await read("the mail with the code", "body");
    await page.goto(at);
    await reach(page, "#code");
    await page.keyboard.type(code.text.match(/\b\d{6}\b/)[0]);
    await tap("activate", 'form[action$="/activate"] button');
  } else {
    await superoffice(['form[action$="/activate"] button']);
    await tap("the new licence is active", 'button[name="offer"][value="as-offered"]');
    await tap("yes, so it says", 'button[name="confirm"]');
  }
  const head = await page.locator("h1").innerText();
  check(/^Klart.*2027/.test(head), `${name} ends with "${head}"`);
  await told("/local/clock", { method: "POST", body: JSON.stringify({ advance: "16m" }) }); // so long a person's word can be taken back
  const open = (await told(`/accounts/${account}/diagnosis`)).findings.filter((f) => f.state === "open" && f.owner === "admin").map((f) => `${f.code}: ${f.title}`);
  check(open.length === 0, `${name}: still open is ${open}`);
  console.log(`${name}: ${taps} taps, ${words} words: ${trail.join("; ")}`);
  check(taps <= mostTaps && words <= mostWords, `${name}: ${taps} taps and ${words} words, at most ${mostTaps} and ${mostWords}: ${trail.join("; ")}`);
  await context.close();
}
