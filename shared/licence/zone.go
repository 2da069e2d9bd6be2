package licence

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
)

// zoneList is Go's own list of time zones as it is since 2000, which nobody asks behind: that is a fifth of it.
// Zones that are alike stand together: the length of their names and of what they are, then both.
// zone_test.go writes it.
//
//go:embed zones.bin
var zoneList string

// LoadZone finds a time zone by its name, also on a machine that has no list of them: a zone is valid
// everywhere or nowhere.
func LoadZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err == nil {
		return zone, nil
	}
	return listedZone(name)
}

func listedZone(name string) (*time.Location, error) {
	for rest := zoneList; rest != ""; {
		names, data := binary.BigEndian.Uint16([]byte(rest[:2])), binary.BigEndian.Uint16([]byte(rest[2:4]))
		rest = rest[4:]
		if slices.Contains(strings.Fields(rest[:names]), name) {
			return time.LoadLocationFromTZData(name, []byte(rest[names:names+data]))
		}
		rest = rest[int(names)+int(data):]
	}
	return nil, fmt.Errorf("unknown time zone %s", name)
}
