// Package functions is all functions together, as the local run and the tests have them.
package functions

import "slices"

// Routes is every route there is. A test holds template.yaml to it.
var Routes = slices.Concat(HookRoutes, PageRoutes, DeskRoutes, APIRoutes)
