{{/*
The pod of a part. Called with a dictionary: root, part (api, worker), values (of the part), command, extra (of the
container: ports and probes).

GAIA_HOME is a folder of the pod: what another pod needs to go on is in the database. The key is copied there, for Gaia
refuses one that a group can read, and whom a mounted Secret belongs to is not Gaia's to say.
*/}}
{{- define "gaia.pod" -}}
{{- $root := .root }}
{{- $values := $root.Values }}
metadata:
  labels:
    {{- include "gaia.labels" (list $root .part) | nindent 4 }}
  annotations:
    checksum/settings: {{ include (print $root.Template.BasePath "/settings.yaml") $root | sha256sum | quote }}
    {{- with .values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ printf "%s-%s" (include "gaia.name" $root) .part | quote }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with $values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds | default 30 | int64 }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: topology.kubernetes.io/zone
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "gaia.selector" (list $root .part) | nindent 10 }}
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "gaia.selector" (list $root .part) | nindent 10 }}
  {{- with .values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  initContainers:
    - name: key
      image: {{ include "gaia.image" $root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy | quote }}
      command: [install, -D, -m, "600", /run/secrets/gaia/key/repository.key, /var/lib/gaia/keys/repository.key]
      {{- include "gaia.locked" . | nindent 6 }}
      resources:
        requests: {cpu: 10m, memory: 16Mi}
        limits: {memory: 64Mi}
      volumeMounts:
        - {name: home, mountPath: /var/lib/gaia}
        - {name: key, mountPath: /run/secrets/gaia/key, readOnly: true}
    {{- with $values.repositoryKey.older }}
    - name: older-keys
      image: {{ include "gaia.image" $root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy | quote }}
      command:
        - install
        - -D
        - --mode=600
        - --target-directory=/var/lib/gaia/keys/older
        {{- range . }}
        - {{ printf "/run/secrets/gaia/key/%s" . | quote }}
        {{- end }}
      {{- include "gaia.locked" $ | nindent 6 }}
      resources:
        requests: {cpu: 10m, memory: 16Mi}
        limits: {memory: 64Mi}
      volumeMounts:
        - {name: home, mountPath: /var/lib/gaia}
        - {name: key, mountPath: /run/secrets/gaia/key, readOnly: true}
    {{- end }}
  containers:
    - name: {{ .part | quote }}
      image: {{ include "gaia.image" $root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy | quote }}
      args: {{ toJson .command }}
      {{- include "gaia.locked" . | nindent 6 }}
      env:
        - name: GAIA_HOME
          value: /var/lib/gaia
        - name: GAIA_CACHE_DIR
          value: /var/lib/gaia/cache
        - name: GAIA_DATABASE_URL
          valueFrom:
            secretKeyRef: {name: {{ $values.database.secret | quote }}, key: {{ $values.database.key | quote }}}
      envFrom:
        - configMapRef: {name: {{ include "gaia.name" $root | quote }}}
        {{- range $values.settingsFrom }}
        - secretRef: {name: {{ . | quote }}}
        {{- end }}
      {{- with .extra }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      volumeMounts:
        - {name: home, mountPath: /var/lib/gaia}
        - {name: scratch, mountPath: /tmp}
        {{- if $values.git.sshSecret }}
        - {name: ssh, mountPath: /usr/lib/gaia/home/.ssh, readOnly: true}
        {{- end }}
        {{- if $values.oidc.roles }}
        - {name: roles, mountPath: /etc/gaia, readOnly: true}
        {{- end }}
        {{- if $values.oidc.clientSecret.secret }}
        - {name: client-secret, mountPath: /run/secrets/gaia/oidc, readOnly: true}
        {{- end }}
  volumes:
    - name: home
      emptyDir: {sizeLimit: {{ .values.homeSize | quote }}}
    - name: scratch
      emptyDir: {sizeLimit: 2Gi}
    - name: key
      secret:
        secretName: {{ $values.repositoryKey.secret | quote }}
        items:
          - {key: {{ $values.repositoryKey.key | quote }}, path: repository.key}
          {{- range $values.repositoryKey.older }}
          - {key: {{ . | quote }}, path: {{ . | quote }}}
          {{- end }}
        defaultMode: 0440
    {{- with $values.git.sshSecret }}
    - name: ssh
      secret: {secretName: {{ . | quote }}, defaultMode: 0440}
    {{- end }}
    {{- if $values.oidc.roles }}
    - name: roles
      configMap:
        name: {{ printf "%s-roles" (include "gaia.name" $root) | quote }}
    {{- end }}
    {{- with $values.oidc.clientSecret }}
    {{- if .secret }}
    - name: client-secret
      secret:
        secretName: {{ .secret | quote }}
        items: [{key: {{ .key | quote }}, path: client-secret}]
        defaultMode: 0440
    {{- end }}
    {{- end }}
{{- end }}

{{/* What pod security `restricted` asks of each container, and a root that nobody writes to. */}}
{{- define "gaia.locked" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}
