// Package mailtest has a mail server for tests, which speaks SMTP over a port of this machine and
// answers as it is told.
package mailtest

import (
	"bufio"
	"cmp"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// What a server is asked for. Each is a verb of SMTP but Greeting, when it is called, and Taken,
// when a message has come whole.
const (
	Greeting = "GREETING"
	Hello    = "EHLO"
	From     = "MAIL"
	To       = "RCPT"
	Data     = "DATA"
	Taken    = "TAKEN"
	Reset    = "RSET"
)

// Cut is the answer of a server that hangs up instead.
const Cut = "cut"

// A Server is a mail server.
type Server struct {
	Addr string

	mu     sync.Mutex
	answer func(step, to string) string
	mails  []Mail
}

// Answer has the server say what a function gives, from now on, in place of what one says that takes
// everything; "" says that.
func (s *Server) Answer(by func(step, to string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = by
}

// A Mail is a message that came whole, whatever the server said to it then.
type Mail struct {
	To, Said string
	Text     string // as it came: header, blank line, body
}

// Listen starts a server that ends with the test.
func Listen(t *testing.T, answer func(step, to string) string) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if answer == nil {
		answer = func(string, string) string { return "" }
	}
	s := &Server{Addr: l.Addr().String(), answer: answer}
	var talks sync.WaitGroup
	over := make(chan struct{})
	t.Cleanup(func() {
		close(over)
		l.Close()
		talks.Wait()
	})
	talks.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			ended := make(chan struct{})
			talks.Go(func() {
				defer close(ended)
				s.talk(c)
			})
			talks.Go(func() {
				select {
				case <-over:
					c.Close() // whoever called may have left it open
				case <-ended:
				}
			})
		}
	})
	return s
}

// Mails are the messages that came whole so far, in the order in which they came.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

func (s *Server) talk(c net.Conn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	in, to := bufio.NewReader(c), ""
	say := func(said string) bool {
		if said == Cut {
			return false
		}
		_, err := c.Write([]byte(said + "\r\n"))
		return err == nil
	}
	for goOn := say(s.says(Greeting, to, "220 mail.example")); goOn; {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " "); verb {
		case Hello, "HELO":
			goOn = say(s.says(Hello, to, "250-mail.example\r\n250 8BITMIME"))
		case To:
			_, to, _ = strings.Cut(line, "<")
			to, _, _ = strings.Cut(to, ">")
			goOn = say(s.says(To, to, "250 ok"))
		case Data:
			said := s.says(Data, to, "354 go on")
			if goOn = say(said); !goOn || said[0] != '3' {
				continue
			}
			text, err := message(in)
			if err != nil {
				return
			}
			said = s.says(Taken, to, "250 taken")
			s.mu.Lock()
			s.mails = append(s.mails, Mail{To: to, Said: said, Text: text})
			s.mu.Unlock()
			goOn = say(said)
		case "QUIT":
			say("221 bye")
			return
		default:
			goOn = say(s.says(verb, to, "250 ok"))
		}
	}
}

func (s *Server) says(step, to, fine string) string {
	s.mu.Lock()
	by := s.answer
	s.mu.Unlock()
	return cmp.Or(by(step, to), fine)
}

// message reads up to the dot that ends a message.
func message(in *bufio.Reader) (string, error) {
	var text strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return text.String(), err
		}
		text.WriteString(strings.TrimPrefix(line, "."))
	}
}
