/**
 * What operating system, network, Python and command-line parsers say when something is missing,
 * refused or wrong.
 *
 * @module
 */
import type { CauseRule } from "../engines/cause.ts";

/** What is missed and gone without. */
const IGNORED =
  /ignor|optional|skipp|disabl|not available|fall(?:ing)? ?back|warn|Failed to import from vllm|tensorflow\/|libnvinfer|will not be|unavailable|Could not import .* using|recommended/i;

/** Words of addresses, permissions, the network, dependencies and arguments. */
export const SYSTEM_WORDS: readonly CauseRule[] = [
  {
    cause: "port_in_use",
    words:
      /address (?:is )?already in use|\bEADDRINUSE\b|\bErrno (?:98|48|10048)\b|os error (?:98|48|10048)\b|errno: 98\b|only one usage of each socket address|Connection in use: \(|port \d+ (?:is )?(?:already )?(?:in use|occupied|taken|not available|unavailable)|port \d+ (?:is )?already (?:allocated|bound|used)|port is already (?:in use|allocated)|Socket '[^']*' already in use|couldn't bind HTTP server socket|port (?:is )?(?:already )?(?:being )?(?:in use|occupied)/i,
    unless: /trying (?:another|next|port)|using port \d+ instead|will (?:use|try)/i,
    atAnyLevel: true,
  },

  {
    cause: "bad_arguments",
    words: /cannot assign requested address|\bEADDRNOTAVAIL\b|\bErrno 99\b|os error 99\b/i,
    unless: /HTTPS?Connection|connect to|NCCL|c10d|client socket/i,
  },

  {
    cause: "permission",
    words:
      /\bPermissionError\b|permission denied|\bEACCES\b|\bErrno 13\b|os error 13\b|forbidden by its access permissions|read-only file system|\bEROFS\b|\bErrno 30\b|os error 30\b|\bErrno 1\] Operation not permitted|insufficient permissions|access is denied|not writable\b/i,
    unless:
      /publickey|gated|huggingface\.co|https?:\/\/|mempolicy|affinity|mlock|ibv_|perf_event|nvidia-smi topo|matplotlib|temporary (?:cache )?directory|instead|fall(?:ing)? ?back/i,
  },
  {
    cause: "permission",
    words: /operation not permitted|\bEPERM\b/i,
    unless:
      /mempolicy|mbind|migrate_pages|affinity|mlock|ibv_|perf_event|set_?nice|setpriority|CUDA error|numa/i,
    strength: "likely",
  },

  {
    cause: "permission",
    words: /getpwuid\(\): uid not found/,
    strength: "likely",
  },
  {
    cause: "port_in_use",
    words:
      /(?:could not|cannot|can't|unable to|failed to|error) bind(?:ing)?\b.{0,20}\b(?:address|port|socket|listener|to \S+:\d+)/i,
    strength: "likely",
    unless: /mount|device|dns|signal/i,
  },
  {
    cause: "network",
    words: /\b(?:ETIMEDOUT|ECONNREFUSED|ENOTFOUND|EAI_AGAIN)\b|Unable to establish SSL connection/,
    strength: "likely",
    unless:
      /usage|stats|telemetry|analytics|export(?:er|ing)|sentry|wandb|version check|127\.0\.0\.1|localhost|::1/,
  },
  {
    cause: "network",
    words:
      /Max retries exceeded with url|\bMaxRetryError\b|temporary failure in name resolution|name or service not known|failed to resolve|could not resolve (?:host|proxy)|nodename nor servname|getaddrinfo (?:failed|ENOTFOUND|EAI_AGAIN)|\bno such host\b|dial tcp|lookup \S+ (?:on|:)/i,
    unless:
      /usage|stats|telemetry|analytics|export(?:er|ing)|sentry|wandb|version check|gloo|c10d|nccl|127\.0\.0\.1|localhost|\[::1\]|hostname of the client socket|bind|after connection broken|RedisError|otel|telemetry|opentelemetry/i,
  },
  {
    cause: "network",
    words:
      /network is unreachable|no route to host|host is unreachable|(?:TLS|SSL) handshake (?:timeout|timed out|failed)|CERTIFICATE_VERIFY_FAILED|\bSSLError\b|\bProxyError\b|\b(?:Connect|Read)Timeout(?:Error)?\b|\bClientConnector(?:Error|DNSError|SSLError)\b|\bEndpointConnectionError\b|\bIncompleteRead\b|ChunkedEncodingError|\bi\/o timeout\b|requests\.exceptions\.(?:ConnectionError|Timeout)|httpx\.(?:Connect|Read|Remote)\w*(?:Error|Timeout)|httpcore\.\w+/i,
    unless:
      /usage|stats|telemetry|analytics|export(?:er|ing)|sentry|wandb|version check|gloo|c10d|nccl|127\.0\.0\.1|localhost|after connection broken|aiohttp\.server/i,
  },
  {
    cause: "network",
    words:
      /couldn't connect to ['"]?https?:|couldn't reach|cannot reach https?:|LocalEntryNotFoundError|OfflineModeIsEnabled|outgoing traffic has been disabled|check your (?:internet )?connection|error while trying to locate the file on the Hub|CAS service error|ReqwestMiddleware|error sending request for url|max retries exceeded|Request failed after \d+ retries|Consistency check failed: file should be of size|Connection (?:error|aborted|broken).{0,60}(?:huggingface|https|RemoteDisconnected)|Could not connect to the endpoint URL|(?:429|5\d\d) (?:Server|Client) Error|Too Many Requests for url|unexpected EOF.{0,40}(?:download|pull)|connection reset by peer.{0,60}https|https\S*.{0,60}(?:connection reset|connection refused|timed out|timeout|EOF)/i,
    unless:
      /usage|stats|telemetry|analytics|export(?:er|ing)|sentry|wandb|version check|after connection broken/i,
  },

  {
    cause: "network",
    words:
      /failed to lookup address information|\bdns error\b|tcp connect error|\bgaierror\b|Connection timed out \(os error 110\)|^(?:\S*\.)?Connection(?:Refused)?Error: |\breqwest::Error\b|RequestError\(|hyper\S*Error\(Connect|ConnectError\(|operation timed out|\bcurl: \(\d+\)|curl_easy_perform\(\) failed|failed to connect to all addresses|Failed to connect to \S+ port \d+|Connection error, and we cannot find|HTTPLIB failed|failed to download (?:the )?(?:model|file|weights)|error decoding response body|client socket has (?:timed out|failed to connect)|\bDistNetworkError\b.{0,80}(?:connect to|timed out)|(?:connect|Connect)\w*\b.{0,80}(?:timed out|connection timed out|connection refused|no route to host|unreachable)/,
    strength: "likely",
    unless:
      /usage|stats|telemetry|analytics|export(?:er|ing)|sentry|wandb|version check|Connection closed by peer|connectFullMesh|No such file|127\.0\.0\.1|localhost|\[::1\]|database|redis|postgres|health|probe|unix:/i,
  },
  // Modules, libraries, programs.
  {
    cause: "missing_dependency",
    words:
      /^(?:\S+[: ] ?)?(?:ModuleNotFoundError|ImportError)\b|^\S*(?:python|pypy)[\d.]*: (?:No module named|Error while finding module)|error while loading shared libraries|^(?:\S*Error|Error|error|dlopen|OSError)\b.*(?:No module named|cannot open shared object file|undefined symbol)|^\S+: symbol lookup error|^\S+: .*version [`'"]?(?:GLIBC|GLIBCXX|CXXABI)_|version [`'"](?:GLIBC|GLIBCXX|CXXABI)_\S+ not found|\bDLL load failed|Library not loaded|\b0xc0000135\b|could not select device driver|NVML Shared Library Not Found/,
    unless: IGNORED,
  },
  {
    cause: "missing_dependency",
    words:
      /^\S+:(?: line \d+:| \d+:)? ?\S+: (?:command )?not found$|executable file not found|\benv: [^:]+: No such file or directory|^(?:exec|execvp?|execve)\b.*No such file or directory|\b(?:ninja|nvcc|gcc|cmake): not found|exec format error|wrong ELF class|cannot execute binary file|unable to find backend library|runner process has terminated: exit status (?:127|0xc0000139)|requires? the following packages that were not found|\bPackageNotFoundError\b|\bDistributionNotFound\b|No package metadata was found|Unable to load any of \{?lib|Could not (?:load|find) (?:dynamic )?library|Failed to load (?:dynamic|shared) library|failed to load (?:the )?(?:library|backend|plugin) |unable to load (?:shared|dynamic) library/i,
    unless: /tensorflow\/|libnvinfer/i,
  },
  {
    cause: "missing_dependency",
    words:
      /Failed to find C compiler|Could not find (?:nvcc|CUDA|cmake|gcc|ninja)|CUDA_HOME environment variable is not set|nvcc(?:: |.{0,20} )not found|Ninja is required|Python\.h: No such file|fatal error: [\w./]+\.h(?:pp)?: No such file|cannot find -l\w+|operator torchvision::\w+ does not exist|not compiled with (?:CUDA|ROCm|XPU|\w+ support)|was not built with|no kernel image is available|invalid device function|hipErrorNoBinaryForGpu|device kernel image is invalid|sm_\d+ is not compatible|Unsupported gpu architecture|not compatible with the current PyTorch installation|PTX was compiled with an unsupported toolchain|provided PTX was compiled/i,
  },
  {
    cause: "missing_dependency",
    words:
      /^(?:[\w.]*(?:Error|Exception)|error|Error|ERROR|fatal)\b.*(?:\bnot installed\b|(?:is|are|was) (?:not installed|required but)|not installed\.|please (?:pip |first )?install|requires? (?:the )?[`'"]?[\w.-]+[`'"]? (?:library|package|to be installed)|try:? [`'"]?pip install|run [`'"]?pip install|install (?:it|them) (?:with|via|by|using)|(?:is|are) required (?:for|but|to).{0,40}(?:version|package|install)|requires? \S+ ?[<>=]=? ?\d)/i,
    unless:
      /for (?:better|faster|best|improved|more)|recommend|optional|falling back|fall back|to (?:enable|speed|use hf_xet)|hf_xet|^Requirement already/i,
    strength: "likely",
  },
  {
    cause: "missing_dependency",
    words:
      /^[\w.]*Error\b.*object has no attribute '__version__'|^AttributeError: module '[\w.]+' has no attribute|numpy\.dtype size changed|compiled using NumPy 1\.x|_ARRAY_API not found|incompatible with the installed/i,
    strength: "likely",
    unless: IGNORED,
  },

  // Usage errors: argparse, click, clap, getopt, Go's flag and cobra, pydantic.
  {
    cause: "bad_arguments",
    words:
      /\berror: (?:unrecognized arguments?|argument |the following (?:required )?arguments? (?:are|is|were)|ambiguous option|invalid (?:argument|choice|value|option|int|float|parameter)|unexpected argument|unknown (?:argument|option|flag|command)|too few arguments|expected (?:one|at least)|unable to parse|Found argument|The argument |one of the arguments|no such (?:option|command))|required flag\(s\)|(?:Args|Config)\.__init__\(\) got an unexpected keyword|error while handling argument|invalid choice: |unrecognized (?:option|arguments?|command)|unknown (?:shorthand )?flag|flag provided but not defined|flag needs an argument|No such (?:option|command)[: ]|Missing (?:option|argument|command|parameter)\b|Invalid value for ['"]?-|Got unexpected extra argument|option requires an argument|invalid option -- |which wasn't expected|a value is required for '|required arguments were not provided|unknown command ["']|accepts (?:at most |between )?\d+ arg/i,
    atAnyLevel: true,
  },
  {
    cause: "bad_arguments",
    words:
      /\bArgument(?:Validation|Type)?Error\b|ArgumentValidation\(|\d+ validation errors? for|\b(?:is|are) mutually exclusive|cannot be used (?:with|together)|can(?:not|'t) (?:both )?be (?:specified|set|used|enabled) (?:together|at the same time|with|simultaneously)|can't open file '[^']*': \[Errno 2\]|requires? --[\w-]+|(?:requires?|need) (?:setting |to set )[`'"]?--?[\w-]+|[`'"]?--[\w-]+[`'"]? (?:is|are|must|should|cannot|can't|can only|requires?|has to|needs?|only|and|does not|not supported|option|flag|argument)\b/i,
    unless:
      /Request\b|deprecated|recommend|will be|ignored|to (?:enable|disable|use)|is set to|are set|is enabled|is not set|memory/i,
  },
  {
    cause: "bad_arguments", // nginx's
    words:
      /\[emerg\] .*(?:unknown (?:directive|log format|"\w+" variable)|invalid number of arguments|directive (?:is not allowed here|is duplicate)|directive "[^"]*" has no opening|invalid (?:value|parameter|port) |unexpected (?:end of file|")|not terminated by ";").* in \S+:\d+$/,
  },
  {
    cause: "bad_arguments",
    words:
      /Error loading ASGI app|Could not import module|Attribute "[^"]*" not found in module|Failed to find attribute '[^']*' in|Failed to parse '[^']*' as an attribute|class uri .{0,80} invalid or not found|is not a valid port|port must be (?:0|between|in)|(?:error: |Error: )invalid (?:port|host|address|log level)\b|Invalid (?:tool|reasoning) (?:call )?parser|invalid tool call parser/i,
  },
  {
    cause: "bad_arguments",
    words:
      /must divide |must be (?:divisible by|a multiple of|a power of|one of|greater than|less than|positive|non-negative|at least|between|in the range|larger than|smaller than|a positive|>|<|strictly)|(?:is|are) not divisible by|not a multiple of|is (?:greater|larger) than the (?:derived|number|total|maximum|available)|exceeds the (?:total |max|number|model|available (?:GPUs|devices)|derived)|should be (?:divisible|one of|greater than|less than|in \[)|is not a valid (?:\w+ ?){0,3}(?:choice|option|value|argument|type|Enum)|expected one of|invalid device ordinal|exceeds the number available|Invalid (?:attention backend|quantization|dtype|load format|kv.cache.dtype|device)\b|Unknown (?:quantization|dtype|load format|attention backend|kv.cache.dtype|scheduler|backend|executor)|unsupported (?:dtype|value|option|argument|quantization|kv.?cache|data type)|only supported on GPUs with compute capability|requires? (?:a )?(?:GPU with )?compute capability|does not match the quantization method|looks like a file path, but|number of required GPUs|world size .{0,40}(?:larger|greater|exceed)|fewer (?:GPUs|devices) than|(?:option|argument|set|pass|with) [`'"]?(?:the argument )?[`'"]?trust_remote_code=True/i,
    strength: "likely",
    unless:
      /Input validation error|max_new_tokens|`inputs`|temperature|top_[pk]|sampling|\brequests?\b|prompt|messages|max_tokens|completion|tokens\.|tensor a|non-singleton|batch.{0,20}queue|deprecat|shape|dimension/i,
  },
];
