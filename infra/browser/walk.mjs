// Walks the demo as people do: the start page, the inbox, a mail, and the customer's page from
// "still 2 too many" to "the new licence is active", once where everything is granted and once
// where nothing is. Without script and by keyboard alone where
// a person acts; then each page again with axe, light and dark, narrow and wide, each with a
// screenshot in artifacts/. It prints what it saw and fails at the first thing that is not so.
import { createRequire } from "node:module";
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:net";
import { cures } from "./cure.mjs";
import { deskMorning } from "./desk.mjs";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const artifacts = join(process.cwd(), "artifacts");
mkdirSync(artifacts, { recursive: true });
let checks = 0;
const check = (ok, what) => { checks++; if (!ok) throw new Error(what); };

const freePort = () => new Promise((done) => { const s = createServer().listen(0, "127.0.0.1", () => { const { port } = s.address(); s.close(() => done(port)); }); });

// built is the program, built once for all runs.
const programs = mkdtempSync(join(tmpdir(), "seatmend-program-"));
let program = "";
function built() {
  if (!program) execFileSync("go", ["build", "-o", program = join(programs, "local"), "./infra/local"], { stdio: "inherit" });
  return program;
}

// startRun starts a run in a folder of its own, into which something may be taken before.
async function startRun(flags = [], before = () => {}) {
  const dir = mkdtempSync(join(tmpdir(), "seatmend-walk-"));
  const binary = built();
  before(binary, join(dir, "data"));
  const [port, crm] = [await freePort(), await freePort()];
  const child = spawn(binary, ["-addr", `127.0.0.1:${port}`, "-crm-addr", `127.0.0.1:${crm}`, "-data", join(dir, "data"), ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error("the run was not ready in 60 s")), 60000);
    child.stdout.on("data", (b) => { if (String(b).includes("ready ")) { clearTimeout(late); done(); } });
    child.on("exit", (code) => fail(new Error(`the run ended with ${code}`)));
  });
  const token = JSON.parse(readFileSync(join(dir, "data", "secrets.json"))).operator[0];
  return { base: `http://127.0.0.1:${port}`, crm: `http://127.0.0.1:${crm}`, token, stop: async () => {
    child.removeAllListeners("exit");
    const ended = new Promise((done) => child.on("exit", done));
    child.kill("SIGTERM");
    if (child.exitCode === null) await ended;
    rmSync(dir, { recursive: true, force: true });
  } };
}

const run = await startRun();
const browser = await chromium.launch({ executablePath: process.env.SEATMEND_CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
const api = async (path) => (await fetch(run.base + path, { headers: { Authorization: `Bearer ${run.token}` } })).json();

// press tabs to the element that the selector names, as somebody without a mouse does.
async function press(page, selector, key = "Enter") {
  for (let i = 0; i < 200; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) { await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]); return; }
  }
  throw new Error(`no way to ${selector} by keyboard on ${page.url()}`);
}

// stretch makes every word of a page 40 % longer, what is folded too: what still fits at 360 px fits in any language.
const stretch = (page) => page.evaluate(() => {
  document.querySelectorAll("details").forEach((d) => { d.open = true; });
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = texts.nextNode(); n; n = texts.nextNode())
    if (!n.parentElement.closest("style, script, pre, textarea")) n.data = n.data.replace(/\p{L}{3,}/gu, (w) => w + w.slice(-1).repeat(Math.ceil(w.length * 0.4)));
});
const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

// look runs axe in a context of its own, where script may run, and takes the screenshots.
const all = [[360, "light"], [360, "dark"], [1280, "light"], [1280, "dark"]];
const two = [[360, "dark"], [1280, "light"]]; // enough for a mail, which has one column
async function look(name, url, cookies = [], views = all, limit = 30000) {
  for (const [width, scheme] of views) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
    await context.addCookies(cookies);
    const page = await context.newPage();
    const refused = [];
    page.on("console", (said) => { if (/Content Security Policy/.test(said.text())) refused.push(said.text()); });
    const answer = await page.goto(url);
    check(refused.length === 0, `${name} is not shown as it is written: ${refused[0]}`);
    const size = (await answer.body()).length;
    check(size <= limit, `${name} has ${size} bytes, ${limit} is the limit`);
    await judge(page, name, width, scheme);
    if (width === 360) {
      await stretch(page);
      const wider = await sideways(page);
      check(wider <= 0, `${name} at 360 px, with words 40 % longer, scrolls sideways by ${wider} px`);
    }
    await context.close();
  }
  console.log(`looked at ${name}`);
}

// judge runs axe on the page that is open, and takes a screenshot.
async function judge(page, name, width, scheme) {
  const wide = await sideways(page);
  check(wide <= 0, `${name} at ${width} px scrolls sideways by ${wide} px`);
  check((await page.locator("h1").count()) === 1, `${name} has not just one h1`);
  check(await page.evaluate(() => document.documentElement.lang.length >= 2), `${name} has no lang`);
  await page.evaluate(axeSource);
  const result = await Promise.race([
    page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })),
    new Promise((_, fail) => setTimeout(() => fail(new Error(`axe on ${name} took more than 30 s`)), 30000)),
  ]);
  check(result.violations.length === 0, `axe on ${name}, ${width} px, ${scheme}: ${result.violations.map((v) => `${v.id} ${v.nodes[0].html.slice(0, 160)}`).join("; ")}`);
  await page.screenshot({ path: join(artifacts, `${name}-${width}-${scheme}.png`), fullPage: true });
}

// lookHere judges the page that somebody has come to by a press, which has no address of its own.
async function lookHere(name, page) {
  const was = page.viewportSize();
  for (const [width, scheme] of all) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await judge(page, name, width, scheme);
  }
  await page.setViewportSize(was);
  console.log(`looked at ${name}`);
}

// reach tabs to an element without leaving the page; tick ticks one that can be ticked.
async function reach(page, selector) {
  for (let i = 0; i < 300; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
  }
  throw new Error(`no way to ${selector} by keyboard on ${page.url()}`);
}
async function tick(page, name) {
  const value = await page.locator("ul.pick label", { hasText: name }).locator("input").getAttribute("value");
  await reach(page, `input[name="user"][value="${value}"]`);
  await page.keyboard.press("Space");
}
// unfold opens what is folded under a line, by keyboard.
async function unfold(page, line) {
  const summary = page.locator("summary", { hasText: line }).first();
  await summary.evaluate((e) => e.setAttribute("data-walk", "here"));
  await reach(page, 'summary[data-walk="here"]');
  await page.keyboard.press("Enter");
}
// firstScreen checks that a telephone shows the sentence, the deadline and the one main button at once.
async function firstScreen(name, link) {
  const context = await browser.newContext({ javaScriptEnabled: true, viewport: { width: 360, height: 640 } });
  const page = await context.newPage();
  await page.goto(link);
  const low = await page.evaluate(() => Object.fromEntries(["h1", "p.when", "main button:not(.second):not(.plain), main a.button:not(.second)"].map((s) => {
    const all = [...document.querySelectorAll(s)].filter((e) => e.checkVisibility());
    return [s, [all.length, all.length ? Math.round(all[0].getBoundingClientRect().bottom) : -1]];
  })));
  const [[heads, head], [, when], [buttons, button]] = Object.values(low);
  check(heads === 1 && buttons === 1 && head > 0 && when > 0 && head <= 640 && when <= 640 && button <= 640, `${name}: a phone's first screen is ${JSON.stringify(low)}`);
  await page.screenshot({ path: join(artifacts, `${name}-first-screen.png`) });
  await context.close();
}
const shows = async (page, text, what) => check((await page.locator("main").innerText()).replace(/\s+/g, " ").includes(text), `${what}: no "${text}" at ${page.url()}: ${(await page.locator("main").innerText()).replace(/\s+/g, " ").slice(0, 600)}`);
const reader = (width = 1280) => browser.newContext({ javaScriptEnabled: false, viewport: { width, height: 900 } });
const shot = (page, name) => page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });

// Cause 1 where everything can be read, and the licence be activated: without script, by
// keyboard alone, with somebody who is blocked, on two devices.
async function everythingGranted() {
  const link = (await api("/accounts/C-1042/mails")).mails[0].link;
  const context = await reader();
  const page = await context.newPage();
  await page.goto(link);
  const names = (await api("/accounts/C-1042/seats?plan=sales-premium")).seats.map((s) => s.user.name);
  check(names.length > 0, "nobody holds a seat");
  const before = await page.content();
  check(!names.slice(1).some((n) => before.includes(n)), "a page without a session names people");
  await press(page, 'form[action$="/check"] button');
  await shows(page, "2 för många", "checked before anything is done");
  await shot(page, "walk-still-two");
  await page.goto(link);
  await firstScreen("page-C-1042", link);
  await press(page, "form.go button");
  check(/\/seats\/[0-9a-f]{16}$/.test(page.url()), `choosing leads to ${page.url()}`);
  await shows(page, "Välj Karl Nyström och Sara Ek", "the two whom nothing speaks for keeping are proposed");
  await unfold(page, "Välj andra");
  await shows(page, "har 4 öppna ärenden i Service", "what blocks is shown before the click");
  check(!(await page.locator("ul.pick").innerText()).includes("Anna Berg"), "the reader is asked to give up a seat");
  await unfold(page, "Undantagna");
  await shows(page, "Anna Berg", "the reader stands apart");
  await look("seats", page.url(), await context.cookies());
  await press(page, 'form[action$="/choose"]:has(ul.pick) button:not([name])');
  await shows(page, "Markera någon först", "nobody ticked");
  await page.goBack();
  if (!(await page.locator("ul.pick").isVisible())) await unfold(page, "Välj andra");
  await tick(page, "Karl Nyström");
  await tick(page, "Oskar Lindgren");
  await press(page, 'form[action$="/choose"]:has(ul.pick) button:not([name])');
  await shows(page, "Det räcker", "two are chosen");
  await look("seats-chosen", page.url(), await context.cookies());
  await press(page, 'a[href*="/steps/"]');
  await shows(page, "Lämna först över deras öppna ärenden", "the blocked one's step comes first");
  await look("steps", page.url(), await context.cookies());
  const calls = (await api("/accounts/C-1042/facts")).facts.filter((f) => f.type === "seats.chosen");
  check(calls.length === 1 && calls[0].data.by === "Anna Berg" && calls[0].data.picks.length === 2, "the choice is not kept by name");

  // In SuperOffice, as the administrator: the requests first, then the licences.
  const sim = await context.newPage();
  await sim.goto(`${run.crm}/sim/Cust12345`);
  await press(sim, 'button[aria-label^="Remove licence"][aria-label$="Oskar Lindgren"]');
  await sim.goto(`${run.crm}/sim/Cust12345`);
  check(await sim.locator('button[aria-label^="Remove licence"][aria-label$="Oskar Lindgren"]').count() === 1, "SuperOffice lets go of somebody with open requests");
  await press(sim, 'button[aria-label="Give the requests to somebody else: Oskar Lindgren"]');
  await press(sim, 'button[aria-label^="Remove licence"][aria-label$="Oskar Lindgren"]');
  await shot(sim, "walk-superoffice");
  await press(page, 'form[action$="/check"] button');
  await shows(page, "1 av 2 klara", "one of two is done");
  await shot(page, "walk-one-of-two");

  // On another device: what is done is there, and who began.
  const phone = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
  const other = await phone.newPage();
  await other.goto(link);
  await press(other, "form.go button");
  await shows(other, "1 till att välja", "a choice of which one is done").catch(() => shows(other, "Klart", "what is done, on the other device"));
  await sim.goto(`${run.crm}/sim/Cust12345`);
  await press(sim, 'button[aria-label^="Remove licence"][aria-label$="Karl Nyström"]');
  await other.goto(link);
  await press(other, 'form[action$="/check"] button');
  await shows(other, "Det stämmer", "nobody is too many");
  await look("ready", link, await phone.cookies());
  await press(other, 'a[href*="/activate/"]');
  await shows(other, "3 färre", "old and new side by side");
  await look("activate", other.url(), await phone.cookies());
  await press(other, 'form[action$="/code"] button');
  await look("activate-code", other.url(), await phone.cookies());
  const { mails: inbox } = await api("/accounts/C-1042/mails");
  const letter = inbox.find((m) => m.why.startsWith("code"));
  check(letter && !letter.text.includes("/r/"), "no code was mailed, or a link with it");
  await look("mail-code", `${run.base}/mail/C-1042/${letter.id}/html`, [], two);
  const code = letter.text.match(/\b\d{6}\b/)[0];
  await reach(other, "#code");
  await other.keyboard.type(code === "000000" ? "000001" : "000000");
  await press(other, 'form[action$="/activate"] button');
  await shows(other, "Fel kod", "a wrong code");
  await reach(other, "#code");
  await other.keyboard.type(code);
  await press(other, 'form[action$="/activate"] button');
  await shows(other, "Klart: den nya licensen är aktiv till", "activated");
  await shows(other, "Anna Berg aktiverade den från den här sidan", "who did it");
  await other.reload();
  await other.goto(link);
  await look("done", link, await phone.cookies());
  const { mails, not_sent } = await api("/accounts/C-1042/mails");
  check(mails.filter((m) => m.why.startsWith("solved")).length === 1, "not just one solved mail");
  check(not_sent.length === 0, "something is still owed");
  const { facts } = await api("/accounts/C-1042/facts");
  check(facts.filter((f) => f.type === "activation.tried").length === 1, "it was not activated just once");
  check((await api("/accounts/C-1042/diagnosis")).summary === "ok", "the customer is not well");
  console.log("everything granted: " + (await other.locator("h1").innerText()));
}

// One plan exchanged for another: one proposal, one press, and the list of who had what.
async function exchanged() {
  const link = (await api("/accounts/C-1057/mails")).mails[0].link;
  const context = await reader();
  const page = await context.newPage();
  await page.goto(link);
  await press(page, "form.go button");
  await look("swap", page.url(), await context.cookies());
  await press(page, 'input[name="all"] ~ button');
  await shows(page, "Ikke logg ut imens, og ta deg selv til slutt", "the steps of an exchange");
  await look("swap-steps", page.url(), await context.cookies());
  await press(page, 'a[href*="/list/"]');
  check((await page.locator("tbody tr").count()) === 10, "not everybody is on the list");
  await look("swap-list", page.url(), await context.cookies());
  const chosen = (await api("/accounts/C-1057/facts")).facts.find((f) => f.type === "seats.chosen");
  check(chosen.data.picks.length === 10 && chosen.data.way === "free-activate-give", "the list was not stored");
}

// Each way in which a link can fail has a page that helps.
async function failedLinks() {
  const link = (await api("/accounts/C-1071/mails")).mails[0].link;
  await look("link-broken", link.slice(0, -3), [], two);
  await look("link-forged", run.base + "/r/" + "x".repeat(84), [], two);
  const moved = await fetch(run.base + "/local/clock", { method: "POST", headers: { Authorization: `Bearer ${run.token}`, "Content-Type": "application/json" }, body: '{"advance":"1200h"}' });
  check(moved.ok, `the clock answers ${moved.status}`);
  await look("link-expired", link, [], two);
  const context = await reader();
  const page = await context.newPage();
  check((await page.goto(link)).status() === 410, "an expired link is not gone");
  const before = (await api("/accounts/C-1071/mails")).mails.length;
  await press(page, 'form[action$="/new-link"] button');
  await shows(page, "En ny länk är på väg", "a new link");
  await shot(page, "walk-new-link");
  const after = (await api("/accounts/C-1071/mails")).mails;
  check(after.length === before + 1 && after.some((m) => m.why.startsWith("link")), "no new link was mailed");
}

// Cause 1 where nothing is granted: the reader says what the screen shows, and it is told as
// this person's word.
async function nothingGranted() {
  const link = (await api("/accounts/C-1093/mails")).mails[0].link;
  const context = await reader(360); // on a phone
  const page = await context.newPage();
  await page.goto(link);
  check((await page.locator('form[action$="/check"]').count()) === 0, "reading is offered where it is not granted");
  await firstScreen("page-C-1093", link);
  await press(page, 'form.go:has(input[value^="seats/"]) button');
  await unfold(page, "Välj andra");
  await shows(page, "har 6 öppna ärenden i Service", "what blocks is shown before the click");
  await tick(page, "Jill Kvist");
  await tick(page, "Kurt Alm");
  await press(page, 'form[action$="/choose"]:has(ul.pick) button:not([name])');
  await press(page, 'a[href*="/steps/"]');
  await shows(page, "Lämna först över deras öppna ärenden", "the blocked one's step comes first");
  await shows(page, "Vad visar sidan Licenser i dag?", "the reader is asked what the screen says");
  await look("steps-stated", page.url(), await context.cookies());

  // The administrator does it in SuperOffice, which nobody reads for them.
  const sim = await context.newPage();
  await sim.goto(`${run.crm}/sim/Cust62290`);
  await press(sim, 'button[aria-label="Give the requests to somebody else: Kurt Alm"]');
  await press(sim, 'button[aria-label^="Remove licence"][aria-label$="Kurt Alm"]');
  await press(sim, 'button[aria-label^="Remove licence"][aria-label$="Jill Kvist"]');
  await press(sim, 'form[action$="/activate"] button');

  // What cannot be used is said at its place, and what was typed is kept.
  const cookies = (await context.cookies()).map((c) => `${c.name}=${c.value}`).join("; ");
  for (const [body, field, typed] of [["offer=active&expires=2027-13-45", "#expires", "2027-13-45"], ["offer=none&expires=2027-12-13&asked=in-use&in_use.sales-premium=twelve", "#in_use.sales-premium", "twelve"]]) {
    const wrong = await fetch(`${link}/screen`, { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded", Cookie: cookies, Origin: run.base }, body: `cust_id=Cust62290&${body}` });
    const said = await wrong.text();
    check(wrong.status === 422 && said.includes(`href="${field}"`) && said.includes(`value="${typed}"`), `a wrong statement (${body}) is answered ${wrong.status}`);
  }

  // One question at a time, and nothing is kept before the last yes.
  await press(page, 'button[name="offer"][value="as-offered"]');
  await shows(page, "Är det så det står?", "it is shown before it is kept");
  await shot(page, "walk-stated");
  check(!(await api("/accounts/C-1093/facts")).facts.some((f) => f.type === "licence.stated"), "it is kept before anybody said yes");
  await press(page, 'button[name="confirm"]');
  await shows(page, "Klart: den nya licensen är aktiv till", "stated");
  await shows(page, "har sagt det; vi kan inte själva läsa ert SuperOffice", "whose word it is");
  await shows(page, "Ta tillbaka det", "it can be taken back");
  await look("done-stated", link, await context.cookies());
  check(!(await api("/accounts/C-1093/mails")).mails.some((x) => x.why.startsWith("solved")), "a mail rests on what can be taken back");
  const later = await fetch(run.base + "/local/clock", { method: "POST", headers: { Authorization: `Bearer ${run.token}`, "Content-Type": "application/json" }, body: '{"advance":"16m"}' });
  check(later.ok, `the clock answers ${later.status}`);
  const { mails } = await api("/accounts/C-1093/mails");
  const solved = mails.filter((x) => x.why.startsWith("solved"));
  check(solved.length === 1, `${solved.length} solved mails: ${JSON.stringify(mails.map((x) => x.why))}`);
  check(solved[0].text.includes("Moa Ceder"), `the solved mail does not say whose word it is: ${solved[0].text}`);
  const { facts } = await api("/accounts/C-1093/facts");
  check(facts.some((f) => f.type === "licence.reported" && f.data.stated_by === "Moa Ceder"), "the statement is not kept by name");
  console.log("nothing granted: " + (await page.locator("h1").innerText()));
}

try {
  await look("start", run.base + "/");
  await look("start-sv", run.base + "/?lang=sv");
  await look("inbox", run.base + "/mail");
  await look("diagnosis", run.base + "/local/diagnosis/C-1042");
  await look("help", run.base + "/help");

  const { accounts } = await api("/accounts");
  check(accounts.length >= 9, `${accounts.length} customers in the demo`);
  for (const { account } of accounts) {
    const { mails } = await api(`/accounts/${account}/mails`);
    for (const m of mails) {
      check(m.html.length <= 30000, `mail ${m.subject} has ${m.html.length} bytes`);
      await look(`mail-${account}-${m.lang}`, `${run.base}/mail/${account}/${m.id}/html`, [], two);
      if (m.link) await look(`page-${account}-${m.lang}`, m.link);
    }
  }

  // Each mail and page of the tests in the longest language, as the tests write them, on a phone.
  const written = mkdtempSync(join(tmpdir(), "seatmend-written-"));
  for (const [pkg, test] of [["./functions/page", "TestEveryPage/golden"], ["./shared/words", "TestEverything/golden"]])
    execFileSync("go", ["test", pkg, "-count=1", "-run", test, "-look", written], { stdio: "inherit" });
  const phone360 = await (await browser.newContext({ viewport: { width: 360, height: 800 } })).newPage();
  const german = readdirSync(written).filter((f) => /-de(-open)?\.html$/.test(f));
  check(german.length > 100, `only ${german.length} pages and mails are in German`);
  for (const f of german) {
    await phone360.goto("file://" + join(written, f));
    check(await sideways(phone360) <= 0, `${f} scrolls sideways at 360 px`);
    await phone360.screenshot({ path: join(artifacts, f.replace(".html", "-360.jpg")), type: "jpeg", quality: 70, fullPage: true }); // in half the time of a PNG
    await stretch(phone360);
    check(await sideways(phone360) <= 0, `${f} scrolls sideways at 360 px with words 40 % longer`);
  }
  rmSync(written, { recursive: true, force: true });
  console.log(`looked at ${german.length} pages and mails in German`);

  // The support desk signs in, without script and by keyboard, and reads its pages.
  const deskContext = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
  const desk = await deskContext.newPage();
  await desk.goto(run.base + "/");
  await press(desk, 'form[action="/support/local-sign-in"] button');
  check(new URL(desk.url()).pathname === "/support", `signing in leads to ${desk.url()}`);
  const staff = await deskContext.cookies();
  for (const [name, path] of [["board", "/support"], ["search", "/support?q=Cust12345"], ["case", "/support/accounts/C-1042"], ["case-invoice", "/support/accounts/C-1071"],
    ["drafts", "/support/drafts"], ["aside", "/support/aside"], ["parked", "/support/parked"], ["fleet", "/support/fleet"]])
    await look(`support-${name}`, run.base + path, staff, name === "case" || name === "board" ? all : two, 120000);
  await look("support-sign-in", run.base + "/support/sign-in", [], two);
  const germans = await browser.newContext({ viewport: { width: 360, height: 800 }, locale: "de-DE" });
  await germans.addCookies(staff);
  const germanDesk = await germans.newPage();
  for (const path of ["", "/accounts/C-1042", "/drafts", "/aside", "/parked", "/fleet", "/figures", "?q=Cust12345", "/sign-in"]) {
    await germanDesk.goto(run.base + "/support" + path);
    const lang = await germanDesk.evaluate(() => document.documentElement.lang);
    check(lang === "de" && await sideways(germanDesk) <= 0, `/support${path} is in ${lang} at 360 px, or scrolls sideways`);
    await germanDesk.screenshot({ path: join(artifacts, `support${path.replaceAll(/[/?=]/g, "-")}-de-360.png`), fullPage: true });
  }
  await germans.close();

  // By keyboard alone: every control of a case can be reached, and an answer is kept by name.
  await desk.goto(run.base + "/support/accounts/C-1093");
  const controls = await desk.evaluate(() => {
    const shown = [...document.querySelectorAll("main a[href], main button, main summary, main input:not([type=hidden]), main select")].filter((e) => e.checkVisibility());
    shown.forEach((e) => { e.dataset.walk = e.outerHTML.slice(0, 80); });
    return shown.map((e) => e.dataset.walk);
  });
  const reached = new Set();
  for (let i = 0; i < 200; i++) {
    await desk.keyboard.press("Tab");
    reached.add(await desk.evaluate(() => document.activeElement?.dataset.walk));
  }
  const missed = controls.filter((c) => !reached.has(c));
  check(controls.length > 10 && missed.length === 0, `of a case, not reached by keyboard: ${missed.join(" | ")}`);
  await desk.goto(run.base + "/support/accounts/C-1093");
  const opened = desk.locator('details:has(button[value="handled"])').last(); // the invoice: the seats are the customer's, below
  await opened.locator("summary").focus();
  await desk.keyboard.press("Enter");
  await press(desk, 'button[value="handled"]');
  const answered = await api("/accounts/C-1093/facts");
  check(answered.facts.some((f) => f.type === "finding.answered" && f.data.answer === "handled" && f.data.by === "Nora Dahl"), "the desk's answer is not kept by name");

  await deskMorning({ browser, check, look, lookHere, press, reach, shows, startRun });
  await cures({ browser, check, press, reach, startRun, artifacts });
  await everythingGranted();
  await nothingGranted();
  await exchanged();
  await failedLinks();
  console.log(`walk: ${checks} checks hold`);
} finally {
  await browser.close();
  await run.stop();
  rmSync(programs, { recursive: true, force: true });
}
