{{/*
The release's name; every other name starts with it. A StatefulSet's name may have 52 characters, as its pods carry it
in a label with a hash behind it; 29 leave room for -ingress-<channel>.
*/}}
{{- define "kenh.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := .Release.Name -}}
{{- if not (contains $name .Release.Name) -}}{{- $full = printf "%s-%s" .Release.Name $name -}}{{- end -}}
{{- $full = default $full .Values.fullnameOverride -}}
{{- if gt (len $full) 29 -}}
{{- fail (printf "the name %q is longer than 29 characters: set fullnameOverride" $full) -}}
{{- end -}}
{{- $full -}}
{{- end -}}

{{- define "kenh.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "kenh.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "kenh.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ default $.Chart.AppVersion .tag }}{{- end -}}
{{- end -}}
{{- end -}}

{{/*
The templates below take a workload: {root, component, channel, name, replicas, resources, autoscaling, service}.
component is ingress, api, dispatch, connector or single; channel is set for ingress and connector only. A dispatch workload
has no Service: nobody calls it. A connector workload serves one channel whose connector is a process of its own (x-…), all of it:
what such a process attaches to has to take its calls and make its sends itself.
*/}}

{{- define "kenh.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .channel }}
kenh/channel: {{ . }}
{{- end }}
{{- end -}}

{{- define "kenh.labels" -}}
{{ include "kenh.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Labels of what belongs to the release as a whole. */}}
{{- define "kenh.releaseLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* All workloads of the release, as JSON: {"items": [...]}, each without root. */}}
{{- define "kenh.workloads" -}}
{{- $full := include "kenh.fullname" . -}}
{{- $items := list -}}
{{- if eq .Values.mode "single" -}}
{{- $items = append $items (mergeOverwrite (deepCopy .Values.single) (dict "component" "single" "name" $full)) -}}
{{- else -}}
{{- if not .Values.postgres.existingSecret -}}
{{- fail "mode: cluster runs several processes that share what they remember (published events, subscriptions, parked events), and they share it in PostgreSQL: put its URL into a Secret and that Secret's name into postgres.existingSecret; mode: single does without" -}}
{{- end -}}
{{- range $slug, $channel := .Values.channels -}}
{{- if $channel.enabled -}}
{{- $own := pick $channel "replicas" "resources" "autoscaling" -}}
{{- $item := mergeOverwrite (deepCopy $.Values.workloads.ingress) (deepCopy $own) -}}
{{- $component := hasPrefix "x-" $slug | ternary "connector" "ingress" -}}
{{- if and (eq $component "connector") (not $channel.process) -}}
{{- if or (gt (int (default 1 $channel.replicas)) 1) (dig "autoscaling" "enabled" false $channel) -}}
{{- fail (printf "channels.%s: a process attaches to one pod, and the others would have none: give it replicas only with process.image, which puts one beside each pod" $slug) -}}
{{- end -}}
{{- $item = mergeOverwrite $item (dict "replicas" 1 "autoscaling" (dict "enabled" false)) -}}
{{- end -}}
{{- $name := include "kenh.channelName" (dict "root" $ "slug" $slug) -}}
{{- $items = append $items (mergeOverwrite $item (dict "component" $component "channel" $slug "name" $name)) -}}
{{- end -}}
{{- end -}}
{{- $items = append $items (mergeOverwrite (deepCopy .Values.workloads.api) (dict "component" "api" "name" (printf "%s-api" $full))) -}}
{{- $dispatch := dict "component" "dispatch" "name" (printf "%s-dispatch" $full) "autoscaling" (dict "enabled" false) -}}
{{- $items = append $items (mergeOverwrite (deepCopy .Values.workloads.dispatch) $dispatch) -}}
{{- end -}}
{{- dict "items" $items | toJson -}}
{{- end -}}

{{/* The workload and Service that take a channel's webhooks. */}}
{{- define "kenh.channelName" -}}
{{- $full := include "kenh.fullname" .root -}}
{{- $name := hasPrefix "x-" .slug | ternary (printf "%s-%s" $full .slug) (printf "%s-ingress-%s" $full .slug) -}}
{{- if eq .root.Values.mode "single" -}}{{- $name = $full -}}{{- end -}}
{{- if gt (len $name) 52 -}}
{{- fail (printf "the name %q is longer than 52 characters: set a shorter fullnameOverride, or name the channel %s shorter" $name .slug) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/*
The enabled channels that a workload serves: its own, or all of them. gRPC plans what is sent and reads parked webhooks again.
Channels whose connector is a process are served where it is attached, and nowhere else.
*/}}
{{- define "kenh.channels" -}}
{{- $served := dict -}}
{{- range $slug, $channel := .root.Values.channels -}}
{{- if and $channel.process (not (hasPrefix "x-" $slug)) -}}
{{- fail (printf "channels.%s.process: this channel has a connector of the gateway's own; processes are for channels named x-…" $slug) -}}
{{- end -}}
{{- $own := eq $slug (default "" $.channel) -}}
{{- if and $channel.enabled (or $own (eq $.component "single") (and (has $.component (list "api" "dispatch")) (not (hasPrefix "x-" $slug)))) -}}
{{- $_ := set $served $slug $channel -}}
{{- end -}}
{{- end -}}
{{- toJson $served -}}
{{- end -}}

{{/* The processes that run in a workload's pods, by channel, as JSON. */}}
{{- define "kenh.processes" -}}
{{- $found := dict -}}
{{- if has .component (list "connector" "single") -}}
{{- range $slug, $channel := include "kenh.channels" . | fromJson -}}
{{- with $channel.process -}}{{- $_ := set $found $slug . -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}

{{/* Somebody has to have the right to be the connector of a channel. */}}
{{- define "kenh.attachable" -}}
{{- $access := .root.Values.access -}}
{{- if not (or $access.oidc $access.allowUnauthenticated) -}}
{{- range $slug, $channel := include "kenh.channels" . | fromJson -}}
{{- if hasPrefix "x-" $slug -}}
{{- $rights := list -}}
{{- range $access.clients -}}{{- $rights = concat $rights .rights -}}{{- end -}}
{{- if not (or (has "connector" $rights) (has (printf "connector:%s" $slug) $rights)) -}}
{{- fail (printf "nobody may be the connector of %s: name a client in access.clients with the right connector:%s" $slug $slug) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* kenh.yaml of one workload: only what its role reads. */}}
{{- define "kenh.config" -}}
{{- $values := .root.Values -}}
{{- $config := $values.config -}}
{{- $log := dict "partitions" $config.log.partitions "retention" $config.log.retention -}}
{{- $store := dict "engine" "sqlite" -}}
{{- if eq .component "single" -}}
{{- $_ := set $log "engine" "embedded" -}}
{{- else -}}
{{- $_ := set $log "engine" "rabbitmq" -}}
{{- $_ := set $log "rabbitmq" (merge (dict "url" "${env:KENH_AMQP_URL}") $config.log.rabbitmq) -}}
{{- if has .component (list "ingress" "connector") -}}{{- $_ := set $log "spool" $config.log.spool -}}{{- end -}}
{{- $postgres := merge (dict "url" "${env:KENH_POSTGRES_URL}") $config.store.postgres -}}
{{- if not $postgres.schema -}}{{- $_ := unset $postgres "schema" -}}{{- end -}}
{{- $store = dict "engine" "postgres" "postgres" $postgres -}}
{{- end -}}
{{- $telemetry := deepCopy $config.telemetry -}}
{{- if not $telemetry.otlp_endpoint -}}{{- $_ := unset $telemetry "otlp_endpoint" -}}{{- end -}}
{{- $out := dict
  "tenant" $config.tenant
  "data_dir" "/var/lib/kenh"
  "shutdown_grace" (printf "%ds" (int $values.shutdownGraceSeconds))
  "log" $log
  "store" $store
  "dedupe" $config.dedupe
  "channel_log" $config.channel_log
  "admin" (dict "listen" (printf "%s:9090" $values.listenAddress))
  "telemetry" $telemetry
-}}
{{- include "kenh.attachable" . -}}
{{- if has .component (list "ingress" "connector" "single") -}}
{{- $_ := set $out "ingress" (dict "listen" (printf "%s:8080" $values.listenAddress) "max_body" $config.ingress.max_body) -}}
{{- end -}}
{{- if include "kenh.takesMail" . -}}{{- $_ := set $out "mail" (include "kenh.mail" .root | fromJson) -}}{{- end -}}
{{- $channels := dict -}}
{{- range $slug, $channel := include "kenh.channels" . | fromJson -}}
{{- $_ := set $channels $slug $channel.endpoints -}}
{{- end -}}
{{- with $channels -}}{{- $_ := set $out "channels" . -}}{{- end -}}
{{- if has .component (list "api" "dispatch" "single") -}}
{{- with include "kenh.credentialKeys" . | fromJsonArray -}}{{- $_ := set $out "credentials" (dict "keys" .) -}}{{- end -}}
{{- end -}}
{{- if has .component (list "api" "connector" "single") -}}
{{- $_ := set $out "api" (dict "listen" (printf "%s:50051" $values.listenAddress) "heartbeat" $config.api.heartbeat) -}}
{{- $_ := set $out "access" (include "kenh.access" .root | fromJson) -}}
{{- $_ := set $out "media" (include "kenh.media" .root | fromJson) -}}
{{- end -}}
{{- toYaml $out -}}
{{- end -}}

{{/* The section `media` of kenh.yaml, as JSON. */}}
{{- define "kenh.media" -}}
{{- $out := omit .Values.config.media "s3" -}}
{{- if eq $out.store "s3" -}}
{{- $s3 := dict -}}
{{- range $name, $value := .Values.config.media.s3 -}}{{- if $value -}}{{- $_ := set $s3 $name $value -}}{{- end -}}{{- end -}}
{{- if not $s3.bucket -}}{{- fail "config.media.store: s3 needs config.media.s3.bucket" -}}{{- end -}}
{{- if .Values.mediaBucket.existingSecret -}}
{{- $_ := set $s3 "access_key_id" "${env:KENH_S3_ACCESS_KEY_ID}" -}}
{{- $_ := set $s3 "secret_access_key" "${env:KENH_S3_SECRET_ACCESS_KEY}" -}}
{{- end -}}
{{- $_ := set $out "s3" $s3 -}}
{{- end -}}
{{- toJson $out -}}
{{- end -}}

{{/* The section `access` of kenh.yaml, as JSON. */}}
{{- define "kenh.access" -}}
{{- $access := .Values.access -}}
{{- if not (or $access.clients $access.oidc $access.allowUnauthenticated) -}}
{{- fail "nobody is said to be allowed to call gRPC: name clients or an issuer in access.clients or access.oidc, or set access.allowUnauthenticated where a mesh decides who reaches the Service" -}}
{{- end -}}
{{- $out := dict -}}
{{- with $access.clients -}}{{- $_ := set $out "clients" . -}}{{- end -}}
{{- with $access.oidc -}}{{- $_ := set $out "oidc" . -}}{{- end -}}
{{- if $access.allowUnauthenticated -}}{{- $_ := set $out "allow_unauthenticated" true -}}{{- end -}}
{{- with $access.tls -}}
{{- if .existingSecret -}}
{{- $tls := dict "certificate" "/etc/kenh-tls/tls.crt" "key" "/etc/kenh-tls/tls.key" -}}
{{- if ne .clientCertificates "none" -}}{{- $_ := set $tls "client_ca" "/etc/kenh-tls/ca.crt" -}}{{- end -}}
{{- if eq .clientCertificates "require" -}}{{- $_ := set $tls "require_client_certificate" true -}}{{- end -}}
{{- $_ := set $out "tls" $tls -}}
{{- else if ne .clientCertificates "none" -}}
{{- fail "access.tls.clientCertificates needs access.tls.existingSecret" -}}
{{- end -}}
{{- end -}}
{{- toJson $out -}}
{{- end -}}

{{/* Whether a workload takes mail of other servers: empty, or not. */}}
{{- define "kenh.takesMail" -}}
{{- $email := default dict (get .root.Values.channels "email") -}}
{{- if and .root.Values.mail.enabled $email.enabled (or (eq .component "single") (eq (default "" .channel) "email")) -}}yes{{- end -}}
{{- end -}}

{{/* Whether it shows a certificate there: empty, or not. */}}
{{- define "kenh.hasMailCertificate" -}}
{{- if and (include "kenh.takesMail" .) .root.Values.mail.tls.existingSecret -}}yes{{- end -}}
{{- end -}}

{{/* The section `mail` of kenh.yaml, as JSON. */}}
{{- define "kenh.mail" -}}
{{- $mail := .Values.mail -}}
{{- if not $mail.hostname -}}{{- fail "mail.enabled needs mail.hostname: the name other servers know this one by" -}}{{- end -}}
{{- $tls := ternary "offered" "none" (ne $mail.tls.existingSecret "") -}}
{{- if $mail.tls.required -}}
{{- if not $mail.tls.existingSecret -}}{{- fail "mail.tls.required needs mail.tls.existingSecret" -}}{{- end -}}
{{- $tls = "required" -}}
{{- end -}}
{{- $listener := dict "listen" (printf "%s:2424" .Values.listenAddress) "protocol" $mail.protocol "tls" $tls -}}
{{- with $mail.from -}}{{- $_ := set $listener "from" . -}}{{- end -}}
{{- $out := dict "hostname" $mail.hostname "max_size" $mail.maxSize "listeners" (list $listener) -}}
{{- if $mail.tls.existingSecret -}}
{{- $_ := set $out "tls" (dict "certificate" "/etc/kenh-mail-tls/tls.crt" "key" "/etc/kenh-mail-tls/tls.key") -}}
{{- end -}}
{{- if eq $mail.protocol "smtp" -}}{{- $_ := set $out "checks" (dict "dmarc" $mail.dmarc) -}}{{- end -}}
{{- toJson $out -}}
{{- end -}}

{{/* What stands for the keys that seal renewed tokens, as JSON. */}}
{{- define "kenh.credentialKeys" -}}
{{- $keys := list -}}
{{- with .root.Values.credentials -}}
{{- if .existingSecret -}}
{{- range $index, $_ := .keys -}}{{- $keys = append $keys (printf "${env:KENH_CREDENTIALS_KEY_%d}" $index) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (not $keys) (contains "\"refresh_token\":" (include "kenh.channels" .)) -}}
{{- fail "an account has a refresh_token, and what is kept of it has to be sealed: put a key (`kenh credentials new-key`) into a Secret and that Secret's name into credentials.existingSecret" -}}
{{- end -}}
{{- toJson $keys -}}
{{- end -}}

{{/* Whether a workload has the certificate of gRPC: empty, or not. */}}
{{- define "kenh.hasCertificate" -}}
{{- if and (has .component (list "api" "connector" "single")) .root.Values.access.tls.existingSecret -}}yes{{- end -}}
{{- end -}}

{{/* The environment of one workload: secrets by reference, each exactly once. */}}
{{- define "kenh.env" -}}
{{- $env := dict -}}
{{- if ne .component "single" -}}
{{- $_ := set $env "KENH_AMQP_URL" (dict "name" .root.Values.rabbitmq.existingSecret "key" .root.Values.rabbitmq.urlKey) -}}
{{- $_ := set $env "KENH_POSTGRES_URL" (dict "name" .root.Values.postgres.existingSecret "key" .root.Values.postgres.urlKey) -}}
{{- end -}}
{{- if and (has .component (list "api" "dispatch" "single")) .root.Values.credentials.existingSecret -}}
{{- range $index, $key := .root.Values.credentials.keys -}}
{{- $_ := set $env (printf "KENH_CREDENTIALS_KEY_%d" $index) (dict "name" $.root.Values.credentials.existingSecret "key" $key) -}}
{{- end -}}
{{- end -}}
{{- $bucket := .root.Values.mediaBucket -}}
{{- if and (has .component (list "api" "connector" "single")) (eq .root.Values.config.media.store "s3") $bucket.existingSecret -}}
{{- $_ := set $env "KENH_S3_ACCESS_KEY_ID" (dict "name" $bucket.existingSecret "key" $bucket.accessKeyIdKey) -}}
{{- $_ := set $env "KENH_S3_SECRET_ACCESS_KEY" (dict "name" $bucket.existingSecret "key" $bucket.secretAccessKeyKey) -}}
{{- end -}}
{{- $extra := list -}}
{{- range .root.Values.extraEnv -}}{{- $extra = append $extra .name -}}{{- end -}}
{{- range $slug, $channel := include "kenh.channels" . | fromJson -}}
{{- range $name, $key := $channel.secretEnv -}}
{{- $reference := dict "name" $channel.existingSecret "key" $key -}}
{{- if and (hasKey $env $name) (ne (toJson (get $env $name)) (toJson $reference)) -}}
{{- fail (printf "channels.%s.secretEnv.%s: the same variable is already taken from another secret" $slug $name) -}}
{{- end -}}
{{- $_ := set $env $name $reference -}}
{{- end -}}
{{- range regexFindAll "\\$\\{env:[^}]*\\}" (toJson $channel.endpoints) -1 -}}
{{- $name := . | trimPrefix "${env:" | trimSuffix "}" -}}
{{- if not (or (has $name $extra) (hasKey (default dict $channel.secretEnv) $name)) -}}
{{- fail (printf "channels.%s.endpoints uses ${env:%s}, and neither its secretEnv nor extraEnv sets %s" $slug $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $reference := $env }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $reference.name }}
      key: {{ $reference.key }}
{{- end }}
{{- with .root.Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The claim of a workload for what has to outlive its pods, as JSON; empty for those that have nothing of the kind. */}}
{{- define "kenh.claim" -}}
{{- $claim := dict -}}
{{- if eq .component "single" -}}
{{- $claim = .persistence -}}
{{- else if and (has .component (list "ingress" "connector")) (include "kenh.spools" .) (eq .root.Values.spoolVolume.type "claim") -}}
{{- $claim = .root.Values.spoolVolume -}}
{{- end -}}
{{- toJson $claim -}}
{{- end -}}

{{/* Whether a workload has a spool: empty, or not. */}}
{{- define "kenh.spools" -}}
{{- if and (has .component (list "ingress" "connector")) .root.Values.config.log.spool.enabled -}}yes{{- end -}}
{{- end -}}

{{/* What a workload without a claim may write: its spool, the files it serves, or hardly anything. */}}
{{- define "kenh.emptyDirSize" -}}
{{- if include "kenh.spools" . -}}{{ .root.Values.spoolVolume.size }}
{{- else if and (eq .component "api") (eq .root.Values.config.media.store "directory") -}}{{ .root.Values.mediaVolume.size }}
{{- else -}}64Mi{{- end -}}
{{- end -}}

{{/* Whether files of events have a volume of their own beside what a workload has for its spool: empty, or not. */}}
{{- define "kenh.hasMedia" -}}
{{- if and (eq .component "connector") (eq .root.Values.config.media.store "directory") -}}yes{{- end -}}
{{- end -}}

{{- define "kenh.podTemplate" -}}
{{- $values := .root.Values -}}
{{- $processes := include "kenh.processes" . | fromJson -}}
metadata:
  annotations:
    # A changed configuration makes new pods.
    checksum/config: {{ include "kenh.config" . | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- include "kenh.labels" . | nindent 4 }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "kenh.serviceAccountName" .root }}
  automountServiceAccountToken: false
  # Kubernetes would add KENH_..._PORT variables for the Services of this release, which read like overrides of settings.
  enableServiceLinks: false
  {{- with $values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  {{- if $processes }}
  # A process dials the gateway beside it by the name that the certificate has.
  hostAliases:
    - ip: {{ hasPrefix "[" $values.listenAddress | ternary "::1" "127.0.0.1" | quote }}
      hostnames: [{{ printf "%s.%s.svc" .name .root.Release.Namespace }}]
  {{- end }}
  terminationGracePeriodSeconds: {{ add $values.preStopSleepSeconds $values.shutdownGraceSeconds 5 }}
  containers:
    - name: kenh
      image: {{ include "kenh.image" .root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args:
        - serve
        - --config
        - /etc/kenh/kenh.yaml
        {{- if ne .component "single" }}
        - --role
        - {{ get (dict "dispatch" "dispatch,poller" "connector" "ingress,api,dispatch") .component | default .component }}
        {{- end }}
        {{- with .channel }}
        - --channel
        - {{ . }}
        {{- end }}
        {{- if and (has .component (list "api" "connector" "single")) $values.access.allowUnauthenticated }}
        - --allow-unauthenticated
        {{- end }}
      {{- with include "kenh.env" . | trim }}
      env:
        {{- . | nindent 8 }}
      {{- end }}
      ports:
        {{- if has .component (list "ingress" "connector" "single") }}
        - name: http
          containerPort: 8080
        {{- end }}
        {{- if include "kenh.takesMail" . }}
        - name: mail
          containerPort: 2424
        {{- end }}
        {{- if has .component (list "api" "connector" "single") }}
        - name: grpc
          containerPort: 50051
        {{- end }}
        - name: admin
          containerPort: 9090
      startupProbe:
        httpGet:
          path: /healthz
          port: admin
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet:
          path: /healthz
          port: admin
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet:
          path: /readyz
          port: admin
        periodSeconds: 5
        timeoutSeconds: 2
        failureThreshold: 2
      {{- if $values.preStopSleepSeconds }}
      lifecycle:
        preStop:
          # A pod is told to stop at the same moment as the Services are told to forget it. Until they have, requests
          # still arrive; a channel whose connection is refused may wait minutes before it delivers again.
          exec:
            command: [/bin/sleep, {{ $values.preStopSleepSeconds | quote }}]
      {{- end }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: config
          mountPath: /etc/kenh
          readOnly: true
        - name: data
          mountPath: /var/lib/kenh
        - name: tmp
          mountPath: /tmp
        {{- if include "kenh.hasMedia" . }}
        - name: media
          mountPath: /var/lib/kenh/media
        {{- end }}
        {{- if include "kenh.hasCertificate" . }}
        - name: tls
          mountPath: /etc/kenh-tls
          readOnly: true
        {{- end }}
        {{- if include "kenh.hasMailCertificate" . }}
        - name: mail-tls
          mountPath: /etc/kenh-mail-tls
          readOnly: true
        {{- end }}
        {{- with $values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- range $slug, $process := $processes }}
    # The connector of {{ $slug }}, attached to the gateway of its own pod.
    - name: {{ $slug }}
      image: {{ $process.image | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      {{- with $process.command }}
      command:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $process.args }}
      args:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      env:
        - name: KENH_API_URL
          value: {{ printf "%s://%s.%s.svc:50051" (empty $values.access.tls.existingSecret | ternary "http" "https") $.name $.root.Release.Namespace }}
        {{- if $values.access.tls.existingSecret }}
        - name: KENH_API_CA
          value: /etc/kenh-ca/ca.crt
        {{- end }}
        {{- with $process.apiKey }}
        - name: KENH_API_KEY
          valueFrom:
            secretKeyRef:
              name: {{ .existingSecret }}
              key: {{ .key }}
        {{- end }}
        {{- range $name, $key := $process.secretEnv }}
        - name: {{ $name }}
          valueFrom:
            secretKeyRef:
              name: {{ $process.existingSecret }}
              key: {{ $key }}
        {{- end }}
        {{- with $process.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- range $probe := list "startupProbe" "livenessProbe" "readinessProbe" }}
      {{- with get $process $probe }}
      {{ $probe }}:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
      {{- with $process.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: {{ $slug }}
          mountPath: /tmp
        {{- if $values.access.tls.existingSecret }}
        - name: ca
          mountPath: /etc/kenh-ca
          readOnly: true
        {{- end }}
    {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ .name }}
    - name: tmp
      emptyDir:
        sizeLimit: 64Mi
    {{- if include "kenh.hasCertificate" . }}
    - name: tls
      secret:
        secretName: {{ $values.access.tls.existingSecret }}
    {{- end }}
    {{- if include "kenh.hasMailCertificate" . }}
    - name: mail-tls
      secret:
        secretName: {{ $values.mail.tls.existingSecret }}
    {{- end }}
    {{- if include "kenh.hasMedia" . }}
    - name: media
      emptyDir:
        sizeLimit: {{ $values.mediaVolume.size }}
    {{- end }}
    {{- range $slug, $_ := $processes }}
    - name: {{ $slug }}
      emptyDir:
        sizeLimit: 64Mi
    {{- end }}
    {{- if and $processes $values.access.tls.existingSecret }}
    # Who signed the certificate, without its key. A Secret of a public authority has no ca.crt.
    - name: ca
      secret:
        secretName: {{ $values.access.tls.existingSecret }}
        optional: true
        items:
          - key: ca.crt
            path: ca.crt
    {{- end }}
    {{- if not (include "kenh.claim" . | fromJson) }}
    - name: data
      emptyDir:
        sizeLimit: {{ include "kenh.emptyDirSize" . }}
    {{- end }}
    {{- with $values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if and $values.topologySpread.enabled (ne .component "single") }}
  topologySpreadConstraints:
    {{- range $values.topologySpread.topologyKeys }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: {{ $values.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "kenh.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
