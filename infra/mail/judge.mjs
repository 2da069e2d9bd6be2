// Holds the HTML of mails to what programs of others say of it: node infra/mail/judge.mjs FOLDER
//
// The folder is what TestMailsAsTheyGo (shared/effects) leaves where SEATMEND_MAILS names one. What
// caniemail says that a mail program does not know must stand below, with what then becomes of the mail.
import { createRequire } from 'node:module'
import fs from 'node:fs'
import path from 'node:path'

const require = createRequire(import.meta.url) // looks into NODE_PATH
const { caniemail } = await import(require.resolve('caniemail'))
const { HtmlValidate } = require('html-validate')

// caniemail 2.0 has no entry for table-layout in Thunderbird and throws there.
const clients = ['apple-mail.*', 'gmail.*', 'outlook.*', 'yahoo.*', 'aol.*', 'samsung-email.*', 'protonmail.*', 'fastmail.*', 'hey.*']

const accepted = {
  '@media': 'the light colours, and the same padding on a telephone',
  '<style> element': 'as @media: all else stands in the elements',
  '<body> element': 'its background stands on the outermost table as well',
  'display:none': 'the first sentence stands twice, in Gmail without an account of Google',
  overflow: 'as display:none; Outlook on Windows has mso-hide',
  'max-height property': 'as overflow',
  'color-scheme meta tag': 'the program darkens the mail its own way; where it knows @media, that holds',
  'border-radius': 'square corners',
  'table-layout': 'a very long word widens the column',
  'overflow-wrap': 'word-break says the same',
  'word-break': 'overflow-wrap says the same; where neither is known, as table-layout',
  'role attribute': 'a reader of screens names a table',
  'lang attribute': 'read in the voice of the mail program',
  'width attribute': 'max-width holds the column',
  'text-decoration': 'the button is underlined',
}

// What mail programs want is what pages are not to have.
const rules = {
  'doctype-style': 'off', 'no-inline-style': 'off', 'no-deprecated-attr': 'off', 'prefer-tbody': 'off',
  'prefer-native-element': 'off', 'no-conditional-comment': 'off', 'presentation-role-style': ['error', { prefer: 'presentation' }],
}

const facts = JSON.parse(fs.readFileSync(path.join(process.argv[2], 'facts.json'), 'utf8'))
const validator = new HtmlValidate({ extends: ['html-validate:recommended'], rules })
const faults = new Set(), met = new Set()
let looked = 0
for (const [name, mail] of Object.entries(facts)) {
  if (!mail.sample || !mail.html) continue
  looked++
  for (const [client, list] of caniemail({ clients, html: mail.html }).issues.errors) {
    for (const { title } of list) {
      met.add(title)
      if (!accepted[title]) faults.add(`${title} is unknown to ${client}: ${name}`)
    }
  }
  for (const result of (await validator.validateString(mail.html)).results) {
    for (const m of result.messages) faults.add(`${name}:${m.line}:${m.column} ${m.ruleId}: ${m.message}`)
  }
}
for (const title of Object.keys(accepted)) if (!met.has(title)) faults.add(`${title} is accepted, and nothing has it`)
const languages = new Set(Object.keys(facts).filter((name) => facts[name].sample).map((name) => name.split('-')[0]))
if (looked < 60 || languages.size < 6) faults.add(`${looked} mails in ${languages.size} languages only`)
console.log([...faults].slice(0, 40).join('\n') || `${looked} mails: nothing that a mail program lacks but what is accepted`)
process.exit(faults.size > 0 ? 1 : 0)
