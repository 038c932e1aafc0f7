# syntax=docker/dockerfile:1
# Renewals as a container: docs/operating.md, "In a container". Not run by the tests.

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
WORKDIR /source
# Packages first, so that a change of the source does not fetch them anew.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY docs/banned docs/banned
COPY Renewals.Core/Renewals.Core.csproj Renewals.Core/
COPY Renewals.Gateways/Renewals.Gateways.csproj Renewals.Gateways/
COPY Renewals.Host/Renewals.Host.csproj Renewals.Host/
RUN dotnet restore Renewals.Host -r "linux-$(echo "$TARGETARCH" | sed 's/amd64/x64/')" -p:PublishReadyToRun=true
COPY . .
RUN Renewals.Host/Deploy/publish.sh --output /out "linux-$(echo "$TARGETARCH" | sed 's/amd64/x64/')" && mv /out/linux-* /out/renewals

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0 AS final
# PostgreSQL's programs are for the embedded database; with a server of your own leave them out: --build-arg POSTGRES=
ARG POSTGRES=postgresql
RUN apt-get update \
 && mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold curl ${POSTGRES} \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10654 --home-dir /var/lib/renewals --shell /usr/sbin/nologin renewals \
 && install -d -m 0700 -o renewals -g renewals /var/lib/renewals /var/lib/renewals-state \
 && install -d /etc/renewals
COPY --from=build /out/renewals /opt/renewals

# In XDG_DATA_HOME the data is /var/lib/renewals and the host's state /var/lib/renewals-state.
ENV HOME=/var/lib/renewals XDG_DATA_HOME=/var/lib Renewals__Urls=http://0.0.0.0:5080
USER renewals
WORKDIR /etc/renewals
VOLUME ["/var/lib/renewals", "/var/lib/renewals-state"]
EXPOSE 5080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:5080/health/live"]
ENTRYPOINT ["/opt/renewals/Renewals.Host"]
CMD ["run"]
