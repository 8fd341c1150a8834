// Fills in what mikefarah/yq v4 answers. See ../README.md.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
	"gopkg.in/yaml.v3"
)

type one struct {
	Expression string `json:"expression"`
	Value      any    `json:"value"`
	Several    bool   `json:"several,omitempty"`
	Error      string `json:"error,omitempty"`
}
type file struct {
	Data  any   `json:"data"`
	Cases []one `json:"cases"`
}

func main() {
	text, _ := os.ReadFile(os.Args[1])
	var f file
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&f); err != nil {
		panic(err)
	}
	y, _ := json.Marshal(f.Data)
	for i := range f.Cases {
		c := &f.Cases[i]
		c.Value, c.Error, c.Several = nil, "", false
		prefs := yqlib.NewDefaultYamlPreferences()
		prefs.UnwrapScalar = false
		ev := yqlib.NewStringEvaluator()
		func() {
			defer func() {
				if r := recover(); r != nil {
					c.Error = fmt.Sprint(r)
				}
			}()
			out, err := ev.EvaluateAll(c.Expression, string(y), yqlib.NewYamlEncoder(prefs), yqlib.NewYamlDecoder(prefs))
			if err != nil {
				c.Error = err.Error()
				return
			}
			dec := yaml.NewDecoder(strings.NewReader(out))
			_ = dec
			var n yaml.Node
			if err := yaml.Unmarshal([]byte(out), &n); err != nil {
				c.Error = "out: " + err.Error() + ": " + out
				return
			}
			var v any
			if err := yaml.Unmarshal([]byte(out), &v); err != nil {
				c.Error = "out: " + err.Error() + ": " + out
				return
			}
			c.Value = v
			if m := len(strings.Split(strings.TrimSuffix(out, "\n"), "\n")); m > 1 && n.Kind == 1 && len(n.Content) == 1 && n.Content[0].Kind == yaml.ScalarNode {
				c.Several = true
			}
		}()
	}
	var out bytes.Buffer
	dd, _ := json.Marshal(f.Data)
	fmt.Fprintf(&out, "{\"data\": %s,\n\"cases\": [\n", dd)
	for i, c := range f.Cases {
		comma := ","
		if i == len(f.Cases)-1 {
			comma = ""
		}
		var o bytes.Buffer
		e := json.NewEncoder(&o)
		e.SetEscapeHTML(false)
		if err := e.Encode(c); err != nil {
			c.Value = nil
			c.Error = "json"
			e.Encode(c)
		}
		fmt.Fprintf(&out, "%s%s\n", strings.TrimSpace(o.String()), comma)
	}
	out.WriteString("]}\n")
	os.WriteFile(os.Args[1], out.Bytes(), 0o644)
}
