// Walks the demo as people do: the start page, the inbox, a mail, and the customer's page from
// "still 2 too many" to "the new licence is active". Without script and by keyboard alone where
// a person acts; then each page again with axe, light and dark, narrow and wide, each with a
// screenshot in artifacts/. It prints what it saw and fails at the first thing that is not so.
import { createRequire } from "node:module";
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:net";

const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const artifacts = join(process.cwd(), "artifacts");
mkdirSync(artifacts, { recursive: true });
let checks = 0;
const check = (ok, what) => { checks++; if (!ok) throw new Error(what); };

const freePort = () => new Promise((done) => { const s = createServer().listen(0, "127.0.0.1", () => { const { port } = s.address(); s.close(() => done(port)); }); });

async function startRun() {
  const dir = mkdtempSync(join(tmpdir(), "seatmend-walk-"));
  const binary = join(dir, "local");
  execFileSync("go", ["build", "-o", binary, "./infra/local"], { stdio: "inherit" });
  const [port, crm] = [await freePort(), await freePort()];
  const child = spawn(binary, ["-addr", `127.0.0.1:${port}`, "-crm-addr", `127.0.0.1:${crm}`, "-data", join(dir, "data")], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error("the run was not ready in 60 s")), 60000);
    child.stdout.on("data", (b) => { if (String(b).includes("ready ")) { clearTimeout(late); done(); } });
    child.on("exit", (code) => fail(new Error(`the run ended with ${code}`)));
  });
  const token = JSON.parse(readFileSync(join(dir, "data", "secrets.json"))).operator[0];
  return { base: `http://127.0.0.1:${port}`, crm: `http://127.0.0.1:${crm}`, token, stop: () => { child.removeAllListeners("exit"); child.kill("SIGTERM"); rmSync(dir, { recursive: true, force: true }); } };
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

// look runs axe in a context of its own, where script may run, and takes the screenshots.
const all = [[360, "light"], [360, "dark"], [1280, "light"], [1280, "dark"]];
const two = [[360, "dark"], [1280, "light"]]; // enough for a mail, which has one column
async function look(name, url, cookies = [], views = all, limit = 30000) {
  for (const [width, scheme] of views) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, bypassCSP: true });
    await context.addCookies(cookies);
    const page = await context.newPage();
    const answer = await page.goto(url);
    const size = (await answer.body()).length;
    check(size <= limit, `${name} has ${size} bytes, ${limit} is the limit`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
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
    await context.close();
  }
  console.log(`looked at ${name}`);
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
  const opened = desk.locator('details:has(button[value="handled"])').first();
  await opened.locator("summary").focus();
  await desk.keyboard.press("Enter");
  await press(desk, 'button[value="handled"]');
  const answered = await api("/accounts/C-1093/facts");
  check(answered.facts.some((f) => f.type === "finding.answered" && f.data.answer === "handled" && f.data.by === "Nora Dahl"), "the desk's answer is not kept by name");

  // The whole of cause 1, without script, by keyboard.
  const link = (await api("/accounts/C-1042/mails")).mails[0].link;
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(link);
  const names = (await api("/accounts/C-1042/seats?plan=sales-premium")).seats.map((s) => s.user.name);
  check(names.length > 0, "nobody holds a seat");
  const before = await page.content();
  check(!names.slice(1).some((n) => before.includes(n)), "a page without a session names people");
  await press(page, 'form[action$="/check"] button');
  check((await page.content()).includes("2"), "check says nothing");
  await page.screenshot({ path: join(artifacts, "walk-still-two.png"), fullPage: true });
  await page.goto(link);
  await press(page, 'form[action$="/session"] button');
  const open = await page.content();
  check(names.some((n) => open.includes(n)), "the session shows no holders");
  await page.screenshot({ path: join(artifacts, "walk-session.png"), fullPage: true });
  await look("session", link, await context.cookies());
  const sim = await context.newPage();
  await sim.goto(`${run.crm}/sim/Cust12345`);
  await press(sim, 'form[action$="/free-and-activate"] button');
  await sim.screenshot({ path: join(artifacts, "walk-superoffice.png"), fullPage: true });
  await page.goto(link);
  await press(page, 'form[action$="/check"] button');
  const after = await page.locator('[role="status"]').innerText();
  await page.screenshot({ path: join(artifacts, "walk-active.png"), fullPage: true });
  console.log("after the cure: " + after.replace(/\s+/g, " "));
  const { mails, not_sent } = await api("/accounts/C-1042/mails");
  check(mails.filter((m) => m.why.startsWith("solved")).length === 1, "not just one solved mail");
  check(not_sent.length === 0, "something is still owed");
  const { summary } = await api("/accounts/C-1042/diagnosis");
  check(summary === "ok", `the customer is ${summary}`);
  console.log(`walk: ${checks} checks hold`);
} finally {
  await browser.close();
  run.stop();
}
