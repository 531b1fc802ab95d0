# CPU image of fusioncolor: commands, page, and tests.
#   docker build -t fusioncolor .
#   docker run --rm -v "$PWD:/photographs" --user "$(id -u):$(id -g)" fusioncolor predict scans/ --output colored
#   docker run --rm --network host fusioncolor app --no-browser
#   docker build --target tests -t fusioncolor-tests . && docker run --rm fusioncolor-tests
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY fusioncolor fusioncolor
COPY weights weights
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim AS run
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir "$(ls /wheels/*.whl)[tensorflow,fast,app,video,sign]" && rm -r /wheels
ENV HOME=/tmp MPLCONFIGDIR=/tmp/matplotlib PYTHONUNBUFFERED=1
WORKDIR /photographs
ENTRYPOINT ["fusioncolor"]
CMD ["--help"]

FROM python:3.12-slim AS tests
RUN apt-get update && apt-get install -y --no-install-recommends chromium git && rm -rf /var/lib/apt/lists/*
WORKDIR /project
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt playwright "gradio>=6.22,<7" "av>=17,<19" "c2pa-python>=0.38,<1"
COPY . .
ENTRYPOINT ["python", "-m", "pytest"]
CMD ["-n", "auto"]

FROM run
