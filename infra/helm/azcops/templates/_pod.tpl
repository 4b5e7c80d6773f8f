{{/*
A pod of the image, as the "restricted" standard wants it. Takes a dict: root, component, args, values (resources, pod),
databases (environment variable → entry of .Values.database), and optionally ports, probes, lifecycle, restartPolicy,
configured (whether it gets config, credentials, identity and raw storage), grace.
*/}}
{{- define "azcops.pod" -}}
{{- $root := .root -}}
metadata:
  labels:
    {{- include "azcops.labels" (list $root .component) | nindent 4 }}
    {{- if and .configured $root.Values.workloadIdentity.enabled }}
    azure.workload.identity/use: 'true'
    {{- end }}
  {{- if .configured }}
  annotations:
    # A changed configuration is a new pod.
    checksum/config: {{ include "azcops.config" $root | sha256sum }}
  {{- end }}
spec:
  serviceAccountName: {{ if .configured }}{{ include "azcops.serviceAccount" $root }}{{ else }}default{{ end }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .grace | default 30 }}
  {{- with .restartPolicy }}
  restartPolicy: {{ . }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    seccompProfile: { type: RuntimeDefault }
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets: {{ toJson . }}
  {{- end }}
  containers:
    - name: {{ .component }}
      image: {{ include "azcops.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: {{ toJson .args }}
      env:
        {{- range $variable, $login := .databases }}
        - name: {{ $variable }}_FILE
          value: /run/secrets/database-{{ $login }}/url
        {{- end }}
        {{- range $variable, $value := .env }}
        - { name: {{ $variable }}, value: {{ $value | quote }} }
        {{- end }}
      {{- if .configured }}
      envFrom:
        - configMapRef: { name: {{ include "azcops.name" $root }} }
        {{- with $root.Values.credentials.secret }}
        - secretRef: { name: {{ . }} }
        {{- end }}
      {{- end }}
      {{- with .ports }}
      ports: {{ toJson . }}
      {{- end }}
      {{- with .probes }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      {{- with .lifecycle }}
      lifecycle: {{ toJson . }}
      {{- end }}
      resources: {{ toJson .values.resources }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        - { name: data, mountPath: /var/lib/azcops }
        {{- range $login := values .databases | sortAlpha }}
        - { name: database-{{ $login }}, mountPath: /run/secrets/database-{{ $login }}, readOnly: true }
        {{- end }}
  volumes:
    - { name: tmp, emptyDir: {} }
    {{- if and .configured $root.Values.rawStorage.existingClaim }}
    - { name: data, persistentVolumeClaim: { claimName: {{ $root.Values.rawStorage.existingClaim }} } }
    {{- else }}
    - { name: data, emptyDir: {} }
    {{- end }}
    {{- range $login := values .databases | sortAlpha }}
    {{- $source := get $root.Values.database $login }}
    - name: database-{{ $login }}
      secret:
        secretName: {{ required (printf "database.%s.secret: name the secret with its connection string" $login) $source.secret }}
        items: [{ key: {{ $source.key }}, path: url }]
        defaultMode: 0440
    {{- end }}
  {{- with .values.pod }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
