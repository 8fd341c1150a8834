// Fills in what mikefarah/yq v4 answers, printed and read again as Atmos does it. See ../README.md.
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
	Error      string `json:"error,omitempty"`
}
type file struct {
	Data  any   `json:"data"`
	Cases []one `json:"cases"`
}

func read(printed string) (any, error) {
	word := strings.TrimSpace(printed)
	line := !strings.Contains(word, "\n")
	if line && (strings.HasPrefix(word, "#") || strings.HasSuffix(word, ":") && !strings.Contains(word, ": ") && !strings.ContainsAny(word[:1], "{[")) {
		return word, nil
	}
	var n yaml.Node
	var v any
	err := yaml.Unmarshal([]byte(printed), &n)
	if err == nil {
		again, _ := yaml.Marshal(&n)
		err = yaml.Unmarshal(again, &v)
	}
	if err != nil && line {
		return word, nil
	}
	return v, err
}

func answer(expression string, document string) (value any, failed error) {
	defer func() {
		if r := recover(); r != nil {
			failed = fmt.Errorf("%v", r)
		}
	}()
	prefs := yqlib.YamlPreferences{Indent: 2, LeadingContentPreProcessing: true, PrintDocSeparators: true, UnwrapScalar: true}
	printed, err := yqlib.NewStringEvaluator().Evaluate(expression, document, yqlib.NewYamlEncoder(prefs), yqlib.NewYamlDecoder(prefs))
	if err != nil {
		return nil, err
	}
	return read(printed)
}

func main() {
	text, _ := os.ReadFile(os.Args[1])
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		panic(err)
	}
	document, _ := yaml.Marshal(f.Data)
	var out bytes.Buffer
	data, _ := json.Marshal(f.Data)
	fmt.Fprintf(&out, "{\"data\": %s,\n\"cases\": [\n", data)
	for i, c := range f.Cases {
		value, err := answer(c.Expression, string(document))
		c.Value, c.Error = value, ""
		if err != nil {
			c.Value, c.Error = nil, strings.SplitN(err.Error(), "\n", 2)[0]
		}
		var shown bytes.Buffer
		e := json.NewEncoder(&shown)
		e.SetEscapeHTML(false)
		if e.Encode(c) != nil {
			c.Value, c.Error = nil, "no JSON"
			shown.Reset()
			e.Encode(c)
		}
		comma := ","
		if i == len(f.Cases)-1 {
			comma = ""
		}
		fmt.Fprintf(&out, "%s%s\n", strings.TrimSpace(shown.String()), comma)
	}
	out.WriteString("]}\n")
	os.WriteFile(os.Args[1], out.Bytes(), 0o644)
}
