// Fills in what Go's text/template with sprig answers. See README.md.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

type one struct {
	Template string  `json:"template"`
	Strict   bool    `json:"strict,omitempty"`
	Output   *string `json:"output,omitempty"`
	Error    string  `json:"error,omitempty"`
	Parse    bool    `json:"parse,omitempty"`
}

type file struct {
	Data  json.RawMessage `json:"data"`
	Cases []one           `json:"cases"`
}

func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		if strings.ContainsAny(string(v), ".eE") {
			f, _ := v.Float64()
			return f
		}
		n, _ := v.Int64()
		return int(n)
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	}
	return v
}

func main() {
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		check(err)
		var f file
		check(json.Unmarshal(text, &f))
		for i := range f.Cases {
			f.Cases[i].fill(f.Data)
		}
		var out bytes.Buffer
		fmt.Fprintf(&out, "{\"data\": %s,\n\"cases\": [\n", compact(f.Data))
		for i, c := range f.Cases {
			comma := ","
			if i == len(f.Cases)-1 {
				comma = ""
			}
			fmt.Fprintf(&out, "%s%s\n", compact(c), comma)
		}
		out.WriteString("]}\n")
		check(os.WriteFile(path, out.Bytes(), 0o644))
	}
}

func (c *one) fill(raw json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var data any
	check(d.Decode(&data))
	c.Output, c.Error, c.Parse = nil, "", false
	t, err := template.New("t").Funcs(sprig.TxtFuncMap()).Parse(c.Template)
	if err != nil {
		c.Error, c.Parse = err.Error(), true
		return
	}
	if c.Strict {
		t = t.Option("missingkey=error")
	}
	var out bytes.Buffer
	err = t.Execute(&out, plain(data))
	if err != nil {
		c.Error = err.Error()
		var e template.ExecError
		if errors.As(err, &e) {
			if _, rest, ok := strings.Cut(c.Error, ">: "); ok && !strings.Contains(rest, ">: ") {
				c.Error = rest
			}
		}
		return
	}
	s := out.String()
	c.Output = &s
}

func compact(v any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	check(e.Encode(v))
	return strings.TrimSpace(out.String())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
