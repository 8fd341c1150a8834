{{/* The name of everything: the release's, with the chart's where it is not part of it. */}}
{{- define "gaia.name" -}}
{{- $name := .Release.Name }}
{{- if not (contains .Chart.Name $name) }}{{ $name = printf "%s-%s" $name .Chart.Name }}{{ end }}
{{- $name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{/* What a part is selected by. Called with (list . PART). */}}
{{- define "gaia.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: gaia
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 | quote }}
{{- end }}

{{/* The labels of a part. Called with (list . PART). */}}
{{- define "gaia.labels" -}}
{{- $root := index . 0 -}}
{{ include "gaia.selector" . }}
app.kubernetes.io/part-of: gaia
gaia/owner: {{ $root.Values.owner | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service | quote }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | quote }}
{{- end }}

{{/* A value as the text that a variable is: Helm reads numbers as floats, and would write 1000000 as 1e+06. */}}
{{- define "gaia.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ printf "%.0f" . }}{{ else }}{{ toString . }}{{ end }}
{{- end }}

{{/* The image, by digest where one is given. */}}
{{- define "gaia.image" -}}
{{- $image := .Values.image }}
{{- $image.repository }}{{ if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The alerts and the dashboard of deploy/monitoring ask for one job; the operator would name it after what is read. */}}
{{- define "gaia.job" -}}
relabelings:
  - {action: replace, targetLabel: job, replacement: gaia}
{{- end }}
