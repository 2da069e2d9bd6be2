package words

import (
	"sync"
	"text/template"
)

var textMail = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(files, "mail.txt")) })
