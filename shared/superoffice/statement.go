package superoffice

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Stated proves that the login host has just signed a token, and that it speaks of no other tenant. A token
// that names none is taken for the one that its message names: it signs nothing else of the message, so
// that no more may follow from it than a look at what is so.
func (c *Client) Stated(ctx context.Context, text, custID string) error {
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return fmt.Errorf("%w: not a token signed with RS256", ErrToken)
	}
	key, err := c.key(ctx, token.Headers[0].KeyID)
	if err != nil {
		return err
	}
	var usual jwt.Claims
	var own claims
	switch err := token.Claims(key, &usual, &own); {
	case err != nil:
		return fmt.Errorf("%w: its signature or its claims are wrong", ErrToken)
	case usual.Expiry == nil:
		return fmt.Errorf("%w: it holds for ever", ErrToken)
	case own.Tenant != "" && !strings.EqualFold(own.Tenant, custID):
		return fmt.Errorf("%w: it is for another tenant", ErrToken)
	}
	if err := usual.ValidateWithLeeway(jwt.Expected{Time: c.Now()}, leeway); err != nil {
		return fmt.Errorf("%w: %w", ErrToken, err)
	}
	return nil
}
