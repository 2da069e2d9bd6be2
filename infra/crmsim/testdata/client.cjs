// SuperOffice's own client signs in to the simulator and says what it sees: one JSON object on
// standard output. Its first argument is a JSON file: { login, cust, token, secret, key, minute, hook, person, busy }.
const crypto = require('crypto');
const fs = require('fs');
const so = require('@superoffice/webapi');

const given = JSON.parse(fs.readFileSync(process.argv[2]));

// signIn is the documented flow of a system user: sign the token and the minute, check the token that
// comes back with the keys that the login host publishes, take the ticket out of it.
async function signIn(kind) {
  const minute = given.minute;
  const text = given.token + '.' + minute;
  const signature = crypto.sign('sha256', Buffer.from(text), given.key).toString('base64');
  const resp = await fetch(given.login + '/Login/api/PartnerSystemUser/Authenticate', {
    method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ SignedSystemToken: text + '.' + signature, ApplicationToken: given.secret, ContextIdentifier: given.cust, ReturnTokenType: kind }),
  });
  const said = await resp.json();
  if (!said.IsSuccessful) throw new Error('sign-in: ' + said.ErrorMessage);
  const [head, body, sig] = said.Token.split('.');
  const { keys } = await (await fetch(given.login + '/login/.well-known/jwks')).json();
  const jwk = keys.find((k) => k.kid === JSON.parse(Buffer.from(head, 'base64url')).kid);
  if (!crypto.verify('sha256', Buffer.from(head + '.' + body), crypto.createPublicKey({ key: jwk, format: 'jwk' }), Buffer.from(sig, 'base64url'))) {
    throw new Error('the token does not verify');
  }
  return JSON.parse(Buffer.from(body, 'base64url'))['http://schemes.superoffice.net/identity/ticket'];
}

async function main() {
  const { Endpoint: endpoint } = await (await fetch(given.login + '/api/state/' + given.cust)).json();
  const out = {};
  out.older = (await signIn('Jwt')) !== '';
  const ticket = await signIn('JWT');
  const config = { headers: { Authorization: 'SOTicket ' + ticket, 'SO-AppToken': given.secret } };
  const agent = (name) => new so[name](endpoint + '/api', config, 'en');

  const licence = agent('LicenseAgent');
  out.licence = await licence.getLicenseFromLicenseServerAsync('SUPEROFFICE');
  out.stored = await licence.getLicenseFromDBAsync('SUPEROFFICE');
  out.status = await licence.getLicenseStatusFromLicenseServerAsync('SUPEROFFICE');
  out.owners = await licence.getUserLicensesAsync(given.person);
  out.installation = await licence.getUserAndInstallationLicenceStatusAsync(given.person);
  out.shop = await licence.getShopUrlAsync('SUPEROFFICE');
  out.fencing = await licence.getFencingInfoAsync();
  out.activation = await licence.activateLicenseInfoAsync(out.licence); // read and sent back by this client: another licence
  out.system = await agent('DiagnosticsAgent').getSystemInfoAsync();
  await agent('DiagnosticsAgent').sendSystemMessageAsync('lic-1', given.person, 'Look', new Date(Date.UTC(2026, 11, 31)), so.SystemMessageType.Warning);

  out.plans = await agent('MDOAgent').getListAsync('userplan', false, '', false);
  out.people = await agent('MDOAgent').getListAsync('associate', false, '', false);
  const archive = agent('ArchiveAgent');
  const columns = await archive.getAvailableColumnsAsync('InternalUsers', '');
  out.columns = columns.map((c) => c.name);
  const asked = ['associateDbId', 'fullName', 'canLogin'].concat(out.columns.filter((c) => c.startsWith('superoffice_')));
  out.users = await archive.getArchiveListByColumnsAsync('InternalUsers', asked, [{ name: 'associateDbId', direction: so.OrderBySortType.ASC }],
    [{ name: 'associateDbId', operator: '>', values: ['0'], isActive: true }], ['all'], 0, 1000);
  out.requests = await archive.getArchiveListByColumnsAsync('Ticket', ['ticketId', 'ownedBy/associateDbId'], [],
    [{ name: 'ownedBy/associateDbId', operator: 'associateIsOneOf', values: [String(given.busy)], isActive: true }], [], 0, 1000);

  const user = agent('UserAgent');
  out.nobody = await user.getUserAsync(404);
  const one = await user.getUserAsync(given.person);
  out.user = JSON.parse(JSON.stringify(one)); // as it was before
  const link = (name) => one.licenseOwners[0].restrictedModuleLicenses.find((l) => l.name === name);
  link('ten-sales').assigned = false;
  link('ten-service').assigned = true;
  out.moved = await user.saveUserAsync(one);
  await user.removeLicensesAsync(given.person);
  out.bare = await licence.getUserLicensesAsync(given.person);
  await user.makeRetiredAsync(given.person, true);
  out.retired = await user.getUserAsync(given.person);
  await user.makeRetiredAsync(given.person, false);
  out.back = await user.getUserAsync(given.person);

  const hook = agent('WebhookAgent');
  const fresh = await hook.createDefaultWebhookAsync();
  Object.assign(fresh, { name: 'Seatmend', events: ['associate.created', 'associate.changed', 'associate.deleted', 'person.changed'], targetUrl: given.hook, secret: 'Something Super Secret', errorEmails: ['ops@partner.example'] });
  out.tested = await hook.testWebhookAsync(fresh);
  out.saved = await hook.saveWebhookAsync(fresh);
  out.hooks = await hook.getAllWebhooksAsync('Seatmend', 'associate.changed', so.WebhookState.Active);
  await hook.deleteWebhookAsync(out.saved.webhookId);
  out.left = await hook.getAllWebhooksAsync('', '', so.WebhookState.Unknown);
  process.stdout.write(JSON.stringify(out));
}

main().catch((err) => {
  console.error(err.response ? err.response.status + ' ' + err.config.url + ' ' + JSON.stringify(err.response.data) : err);
  process.exit(1);
});
