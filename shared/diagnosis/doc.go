// Package diagnosis says what it means: why a licence cannot renew itself, and what comes next.
package diagnosis
