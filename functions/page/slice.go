package page

import "seatmend/functions/app"

// Page is what the handlers of this folder are methods of.
type Page struct{ *app.App }

func of(a *app.App) *Page { return &Page{a} }
