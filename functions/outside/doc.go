// Package outside lets functions reach outside: SuperOffice, mail, and the bus of events. Who only
// takes facts in has no need of it, and does not link it.
package outside
