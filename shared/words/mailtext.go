package words

import "text/template"

var textMail = template.Must(template.ParseFS(files, "mail.txt"))
