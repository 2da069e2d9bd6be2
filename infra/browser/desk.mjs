// A desk's morning: three hundred customers of a sheet, of whom forty are in trouble, taken in the day before.
// By keyboard alone somebody finds one by a part of its name, takes its case, hands it on with a note, sends
// what waits for five of one cause after a look at what goes, and answers a caller by the number of a case;
// once with the screen's keys, and once without script. Then its lists and figures are looked at.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const customers = 300, inTrouble = 40, reduced = 8;
const cities = ["Strömstad", "Ålesund", "Århus", "München", "Zwolle", "Leeds"];
const spoken = ["sv", "nb", "da", "de", "nl", "en"];

// sheet is what somebody exports on the first day; of four kinds of trouble each stands there ten times.
function sheet() {
  const rows = [];
  for (let i = 0; i < customers; i++) {
    const no = 50000 + i, of = i % 6, bad = i < inTrouble;
    const r = {
      account: `C-${no}`, name: `${cities[of]} Bygg ${i}`, locale: spoken[of], timezone: "Europe/Oslo",
      admin_name: `Anna ${cities[of]}`, admin_email: `anna@kund${no}.example`, billing_name: "Bo Lind", billing_email: `ap@kund${no}.example`,
      cust_id: `Cust${no}`, serial: `18000${no}`, hosting: i % 2 ? "onsite" : "online", url: i % 2 ? "" : `https://online3.superoffice.com/Cust${no}`,
      billing_sender: "stripe", billing_id: `cus_${no}`, plan: "sales-premium", plan_name: "Sales Premium", module: "ten-sales", price: "price_sp",
      subscription: `sub_${no}`, ordered: bad ? [7, 9, 10, 10][i % 4] : 10, total: 10, in_use: 9, next_check: bad ? "2026-11-20" : "2027-08-10", admin_warning: bad ? "2026-11-15" : "2027-08-05",
      expires: bad ? `2026-12-${13 + (i % 9)}` : "2027-09-01", grace_until: bad ? "2026-12-28" : "2027-09-13", maintenance_until: "", version: "", licensed_version: "", offered: bad ? "yes" : "no", can_activate: bad ? "no" : "", new_expires: bad ? "2027-12-13" : "", new_total: "",
    };
    if (bad) r.new_total = [7, 9, 8, ""][i % 4];
    if (bad && i % 4 === 1) r.can_activate = "yes";
    if (bad && i % 4 === 3) Object.assign(r, { version: "12.2", licensed_version: "11.1", maintenance_until: "2026-06-30", offered: "no", can_activate: "", new_expires: "" });
    rows.push(r);
  }
  const names = Object.keys(rows[0]);
  return [names.join(","), ...rows.map((r) => names.map((n) => r[n]).join(","))].join("\n") + "\n";
}

// reductions are what no sheet can say: some who are well have ordered fewer seats from New Year on.
const reductions = () => Array.from({ length: reduced }, (_, i) => JSON.stringify({
  id: `reduction-${i}`, type: "subscription.changed", timestamp: "2026-11-23T09:00:01Z",
  data: { account: `C-${50100 + i}`, subscription: `sub_${50100 + i}`, plans: [{ plan: "sales-premium", seats: 10 }], scheduled: [{ at: "2027-01-01T00:00:00Z", plans: [{ plan: "sales-premium", seats: 7 }] }] },
})).join("\n") + "\n";

export async function deskMorning({ browser, check, look, lookHere, press, reach, shows, startRun }) {
  const run = await startRun(["-demo=false", "-now", "2026-11-24T08:30:00Z"], (binary, data) => {
    mkdirSync(data, { mode: 0o700 });
    for (const [name, body, now] of [["customers.csv", sheet(), "2026-11-23T09:00:00Z"], ["reductions.json", reductions(), "2026-11-23T09:00:02Z"]]) {
      const file = join(data, "..", name);
      writeFileSync(file, body);
      execFileSync(binary, ["onboard", "-now", now, "-data", data, file], { stdio: ["ignore", "ignore", "inherit"] });
    }
  });
  const api = async (path) => (await fetch(run.base + path, { headers: { Authorization: `Bearer ${run.token}` } })).json();
  try {
    const moved = await fetch(run.base + "/local/clock", { method: "POST", headers: { Authorization: `Bearer ${run.token}`, "Content-Type": "application/json" }, body: '{"advance":"45m"}' });
    check(moved.ok, `the clock answers ${moved.status}`);
    const began = Date.now();
    const cookies = await withKeys(run, api, { browser, check, lookHere, press, reach, shows });
    await withoutScript(run, { browser, check, press, reach, shows });
    console.log(`two mornings in ${Math.round((Date.now() - began) / 1000)} s`);
    const two = [[360, "dark"], [1280, "light"]];
    for (const [name, path, views] of [["board-300", "/support", two], ["filtered", "/support?cause=surplus&owner=admin&sort=customer&lang=sv"], ["coming", "/support?view=coming", two], ["figures", "/support/figures"]])
      await look(`support-${name}`, run.base + path, cookies, views, 200000);
  } finally {
    await run.stop();
  }
}

// names are the customers of the list that is shown.
const names = (page) => page.locator("a.name").allInnerTexts();

// withKeys works with j, k, x, / and Enter, and gives the session.
async function withKeys(run, api, { browser, check, lookHere, press, reach, shows }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
  const page = await context.newPage();
  const key = (k) => page.keyboard.press(k);
  const goes = (k) => Promise.all([page.waitForNavigation(), key(k)]);
  await page.goto(run.base + "/");
  await press(page, 'form[action="/support/local-sign-in"] button');
  await shows(page, `${inTrouble} cases.`, "the board in the morning");
  check(!(await page.locator("ul.desk").innerText()).startsWith("0"), "no draft waits in the morning");
  await page.goto(run.base + "/support?view=coming&cause=surplus");
  check((await names(page)).length === reduced, `${await names(page)} are to have too many seats`);

  // Find one by a part of its name, as one hears it, take the case, and hand it on with a note.
  await key("/");
  await page.keyboard.type("alesund 13");
  await goes("Enter");
  check((await names(page)).join() === "Ålesund Bygg 13", `found ${await names(page)}`);
  await key("j");
  await goes("Enter");
  await press(page, 'form[action$="/assign"] button');
  await shows(page, "Nora Dahl has this case.", "the case is taken");
  await unfold(page, reach, "hand it over");
  await reach(page, 'textarea[name="note"]');
  await page.keyboard.type("Rings back at noon");
  await reach(page, 'select[name="to"]');
  await page.keyboard.type("Siv");
  await press(page, 'button[value="hand"]');
  await shows(page, "Siv Lund has this case.", "the case is handed on");
  await shows(page, "Rings back at noon", "the note");

  // Five of one cause: down the list, each selected, a look at what goes, and it goes.
  await page.goto(run.base + "/support?cause=surplus&sort=customer");
  const listed = await names(page);
  check(listed.length === 10, `${listed.length} have too many seats`);
  for (let i = 0; i < 5; i++) { await key("j"); await key("x"); }
  await key("k");
  await key("x"); // one of them not after all, and another instead
  for (let i = 0; i < 2; i++) await key("j");
  await key("x");
  check((await page.locator('input[name="account"]:checked').count()) === 5, "not five are selected");
  await press(page, 'button[name="do"][value="send"]');
  const going = await names(page);
  check(going.join() === [0, 1, 2, 4, 5].map((i) => listed[i]).join(), `what goes is shown for ${going}`);
  await lookHere("support-preview", page);
  await press(page, 'button[name="go"]');
  await shows(page, "Sent: 5 emails.", "five are sent");
  check(page.url().includes("cause=surplus"), `sending leads to ${page.url()}`);

  // A caller reads the number of the case out of the mail.
  const account = `C-${50000 + Number(going[2].split(" ").pop())}`;
  const number = (await api(`/accounts/${account}/mails`)).mails[0].text.match(/S-[0-9a-f]{8}/)?.[0];
  check(number, "the mail has no number of a case");
  await key("/");
  await page.keyboard.type(number.toLowerCase());
  await goes("Enter");
  check((await names(page)).join() === going[2], `by ${number} is found ${await names(page)}`);
  await key("j");
  await goes("Enter");
  await unfold(page, reach, "Record an answer");
  await press(page, 'button[name="answer"][value="handled"]');
  await shows(page, "Saved, in your name.", "the answer");
  check((await api(`/accounts/${account}/facts`)).facts.some((f) => f.type === "finding.answered" && f.data.by === "Nora Dahl"), "the answer is not kept by name");
  console.log("a desk's morning with keys");
  return context.cookies();
}

// withoutScript does the same with Tab, Space and Enter.
async function withoutScript(run, { browser, check, press, reach, shows }) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 }, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(run.base + "/");
  await press(page, 'form[action="/support/local-sign-in"] button');
  await reach(page, "#q");
  await page.keyboard.type("Munchen 3");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  check((await names(page)).includes("München Bygg 3"), `found ${await names(page)}`);
  await press(page, 'a.name[href$="/C-50003"]');
  await unfold(page, reach, "Add a note");
  await reach(page, 'textarea[name="note"]');
  await page.keyboard.type("Asked for an offer");
  await press(page, 'button[formaction$="/note"]');
  await shows(page, "Asked for an offer", "the note, without script");
  await page.goto(run.base + "/support?cause=not-activated&sort=customer");
  const listed = await names(page);
  for (let i = 0; i < 5; i++) { await reach(page, 'input[name="account"]'); await page.keyboard.press("Space"); }
  await press(page, 'button[name="do"][value="drop"]');
  check((await names(page)).join() === listed.slice(0, 5).join(), `what is dropped is shown for ${await names(page)}`);
  await press(page, 'button[name="go"]');
  await shows(page, "Dropped: 5 emails.", "five are dropped");
  for (let i = 0; i < 5; i++) { await reach(page, 'input[name="account"]'); await page.keyboard.press("Space"); }
  await press(page, 'button[name="do"][value="assign"]');
  await shows(page, "Customers: 5.", "five are assigned");
  console.log("a desk's morning without script");
  await context.close();
}

// unfold opens what is folded under a line, by keyboard.
async function unfold(page, reach, line) {
  const summary = page.locator("summary", { hasText: line }).first();
  await summary.evaluate((e) => e.setAttribute("data-walk", "here"));
  await reach(page, 'summary[data-walk="here"]');
  await page.keyboard.press("Enter");
}
