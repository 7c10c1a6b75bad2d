# syntax=docker/dockerfile:1
# CrowdSafe in a container: the same entry as `make run` (python app.py), as an unprivileged user.

FROM python:3.11-slim-bookworm AS build
# The CPU build of torch comes from PyTorch's CPU wheel index: hand its address in as
# --build-arg PIP_EXTRA_INDEX_URL=... (docker-compose reads it from .env). Without it, pip takes
# the CUDA build, which the check below refuses because it adds several gigabytes for nothing.
ARG PIP_EXTRA_INDEX_URL=""
ARG ALLOW_CUDA_TORCH="0"
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.txt requirements-nodeps.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install -r requirements.txt \
    && /opt/venv/bin/pip install --no-deps -r requirements-nodeps.txt \
    && /opt/venv/bin/python -c "import sys, torch; sys.exit(0 if torch.version.cuda is None or '${ALLOW_CUDA_TORCH}' == '1' else 'CUDA build of torch: set PIP_EXTRA_INDEX_URL to the CPU wheel index')"
COPY scripts/ scripts/
COPY frontend/ frontend/
RUN /opt/venv/bin/python scripts/build_frontend.py

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 crowdsafe \
    && useradd --system --create-home --uid 10001 --gid crowdsafe crowdsafe \
    && install -d -o crowdsafe -g crowdsafe /data
ENV PATH="/opt/venv/bin:${PATH}" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CROWDSAFE_HOME=/data \
    CROWDSAFE_HOST=0.0.0.0 \
    CROWDSAFE_PORT=5001
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY app.py config.py pyproject.toml LICENSE ./
COPY backend/ backend/
COPY migrations/ migrations/
COPY --from=build /build/frontend/templates/ frontend/templates/
COPY --from=build /build/frontend/static/ frontend/static/
USER 10001:10001
VOLUME ["/data"]
EXPOSE 5001
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['CROWDSAFE_PORT'] + '/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["python", "app.py"]
