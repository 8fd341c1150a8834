// Fills in what gopkg.in/yaml.v3 writes and reads. See ../README.md.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
	"gopkg.in/yaml.v3"
)

// dump: Value → Text. read: a plain scalar Text → Value. trip: {k: Text} dumped, rendered over data, parsed → Value.
type one struct {
	Value any     `json:"value"`
	Text  *string `json:"text,omitempty"`
	Error string  `json:"error,omitempty"`
}

type file struct {
	Data map[string]any `json:"data"`
	Dump []one          `json:"dump"`
	Read []one          `json:"read"`
	Trip []one          `json:"trip"`
}

func main() {
	for _, path := range os.Args[1:] {
		text, err := os.ReadFile(path)
		check(err)
		var f file
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		check(d.Decode(&f))
		f.Data = plain(f.Data).(map[string]any)
		for i, c := range f.Dump {
			s := dump(plain(c.Value))
			f.Dump[i].Text = &s
		}
		for i, c := range f.Read {
			f.Read[i].Value, f.Read[i].Error = read("k: " + *c.Text)
		}
		for i, c := range f.Trip {
			f.Trip[i].Value, f.Trip[i].Error = trip(*c.Text, f.Data)
		}
		var out bytes.Buffer
		fmt.Fprintf(&out, "{\"data\": %s", compact(f.Data))
		section(&out, "dump", f.Dump)
		section(&out, "read", f.Read)
		section(&out, "trip", f.Trip)
		out.WriteString("}\n")
		check(os.WriteFile(path, out.Bytes(), 0o644))
	}
}

func section(out *bytes.Buffer, name string, list []one) {
	fmt.Fprintf(out, ",\n\"%s\": [\n", name)
	for i, c := range list {
		comma := ","
		if i == len(list)-1 {
			comma = ""
		}
		fmt.Fprintf(out, "%s%s\n", compact(c), comma)
	}
	out.WriteString("]")
}

func dump(v any) string {
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	check(e.Encode(v))
	check(e.Close())
	return out.String()
}

func read(text string) (any, string) {
	var m map[string]any
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		return nil, err.Error()
	}
	if len(m) != 1 {
		return nil, "not one key"
	}
	return shown(m["k"]), ""
}

func trip(text string, data any) (any, string) {
	t, err := template.New("t").Funcs(sprig.TxtFuncMap()).Parse(dump(map[string]any{"k": text}))
	if err != nil {
		return nil, "template: " + err.Error()
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, "template: " + err.Error()
	}
	return read(out.String())
}

func shown(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return map[string]any{"$float": fmt.Sprint(v)}
		}
	case time.Time:
		return map[string]any{}
	case map[string]any:
		for k := range v {
			v[k] = shown(v[k])
		}
	case []any:
		for i := range v {
			v[i] = shown(v[i])
		}
	case map[any]any:
		return map[string]any{"$odd": true}
	}
	return v
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
