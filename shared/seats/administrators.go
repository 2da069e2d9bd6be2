package seats

import "seatmend/shared/licence"

// Administers tells whether the user is an administrator who can log in: who waits for approval cannot.
func Administers(u licence.User) bool { return u.Admin && u.CanLogin && !u.Waiting }
