#!/usr/bin/env bash
# @superoffice/webapi, SuperOffice's own client: a licence that is read and handed on untouched is not the licence that came.
#
# One would guess: who asks the licence server (GetLicenseFromLicenseServer) and hands the answer to ActivateLicenseInfo, as the
# two methods' types invite to, sends what was received. The licence carries signatures, so it had better be the same.
#
# Seen on 2026-11-29 with 12.4.1514: every name is changed (NextCheckDate -> nextCheckDate), and every date without a zone is
# taken as the local time of the process and written back in UTC: where the process runs in Oslo, a next check on 1 February 2027
# is sent on as 31 January at 23:00Z. .NET's "no date", 0001-01-01, comes back as 31 December of the year 0000, a year that .NET's
# DateTime does not have. A field that the client does not know is gone, and dates that were not there are sent as null.
#
# Why it matters here: activation sends the very bytes of the licence that was read, and never a decoded copy; and a date of a
# licence is a day, not an instant.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >activate.js <<'END'
const http = require("http");
const { LicenseAgent } = require("@superoffice/webapi");

const received = JSON.stringify({
  Reason: "", CanBeActivated: true,
  New: {
    CompanyName: "Havtorn AB", SerialNr: "1801770501", OwnerName: "SuperOffice",
    NextCheckDate: "2027-02-01T00:00:00", MaintenanceDate: "0001-01-01T00:00:00",
    ModuleLicenses: [], Signature: "c2VhbA==", NewField: "of a newer server",
  },
  ExtendedModuleLicenses: [],
});
const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  if (request.url.includes("ActivateLicenseInfo")) {
    const { nextCheckDate, maintenanceDate, ...others } = JSON.parse(body).newLicense.new;
    console.log(`${process.env.TZ}: next check ${nextCheckDate}, maintenance ${maintenanceDate.slice(0, 10)}, and ${Object.keys(others)}`);
  }
  response.setHeader("Content-Type", "application/json").end(request.url.includes("ActivateLicenseInfo") ? "{}" : received);
});
server.listen(0, "127.0.0.1", async () => {
  const agent = new LicenseAgent(`http://127.0.0.1:${server.address().port}/`);
  await agent.activateLicenseInfoAsync(await agent.getLicenseFromLicenseServerAsync("SuperOffice"));
  server.close();
  server.closeAllConnections();
});
END
cat >recorded <<'END'
UTC: next check 2027-02-01T00:00:00.000Z, maintenance 0001-01-01, and companyName,serialNr,ownerName,adminWarningDate,expiryDate,graceDate,moduleLicenses,publicKey,signature
Europe/Oslo: next check 2027-01-31T23:00:00.000Z, maintenance 0000-12-31, and companyName,serialNr,ownerName,adminWarningDate,expiryDate,graceDate,moduleLicenses,publicKey,signature
END
npm install --silent --no-fund --no-audit --ignore-scripts @superoffice/webapi@12.4.1514
npm ls @superoffice/webapi
for zone in UTC Europe/Oslo; do TZ=$zone node activate.js; done | tee seen
diff -u recorded seen # fails when the behaviour is another
