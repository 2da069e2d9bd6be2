// Package version says which Seatmend this is.
package version

import (
	"runtime/debug"
	"slices"
)

// Number is that of the newest entry of CHANGELOG.md.
const Number = "1.4.0"

// Asked tells whether a command's arguments ask for it, with -version among them.
func Asked(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return a == "-version" || a == "--version" })
}

// String is the number, the commit where the build knows it, and Go's version.
func String() string {
	out := "seatmend " + Number
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			out += " " + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			out += "+changes"
		}
	}
	return out + " " + info.GoVersion
}
