/**
 * What model hubs, file formats and loaders say of a model that cannot be found, read or served.
 *
 * @module
 */
import type { CauseRule } from "../engines/cause.ts";

/** Words of models. */
export const MODEL_WORDS: readonly CauseRule[] = [
  {
    cause: "bad_model",
    words:
      /does not appear to have (?:a|any) files? named|not a valid model identifier|Repository Not Found|\b(?:Repository|Revision|Entry|RemoteEntry)NotFoundError\b|\bGatedRepoError\b|gated repo|\b40[134] Client Error|(?:Access to model|repository) .{0,80}is restricted|HFValidationError|Repo id must|Invalid (?:rev id|repository ID|username or password|user token|credentials in Authorization)|is not a valid git identifier|awaiting a review from the repo authors|not in the authorized list|DisabledRepoError|You must be authenticated to access|huggingface-cli login|hf auth login|LocalTokenNotFoundError/i,
    unless: /warning: .*adapter/i,
  },
  {
    cause: "bad_model",
    words:
      /\bSafetensorError\b|Error while deserializing header|(?:Invalid|Incomplete)?HeaderDeserialization|HeaderTooLarge|MetadataIncompleteBuffer|InvalidHeader(?:Length|Start)?\b|PytorchStreamReader failed|invalid load key|\bUnpicklingError\b|Weights only load failed|Unable to load weights from|invalid header or archive is corrupted|file (?:is|may be|might be|seems) (?:corrupt|truncated|incomplete)|corrupt(?:ed)? (?:or incomplete|model|checkpoint|weights|file)|model is corrupted|git-lfs/i,
  },
  {
    cause: "bad_model",
    words:
      /unknown (?:\(magic|model architecture|pre-tokenizer type|tokenizer)|invalid magic (?:number|characters)|bad magic|unsupported (?:file magic|model (?:format|architecture|type))|gguf_init_from_file\w*: (?:failed|invalid)|failed to (?:open|read) GGUF|error loading model|failed to load (?:the )?(?:model|tokenizer|vocab|config|weights|checkpoint)|unable to load (?:the )?(?:model|tokenizer|vocab)|key not found in model|missing tensor|wrong number of tensors|tensor '[^']*' (?:has wrong shape|not found|data is not within)|invalid model file|done_getting_tensors|check_tensor_dims|error initializing model|cannot find tokenizer merges/i,
  },
  {
    cause: "bad_model",
    words:
      /does not recognize this architecture|Unrecognized (?:model|configuration class)|Should have a `?model_type`? key|Model architectures? .{0,120}(?:not supported|failed to be inspected|is not supported)|(?:architecture|model type|model_type|Model class) \S+ (?:is|are) not (?:currently )?supported|has no vLLM implementation|no (?:SGLang|vLLM|compatible) implementation|unsupported (?:architecture|model)|Unsupported model|model \S+ is not supported|No model architectures are specified|NotImplementedError: .*(?:architecture|sharded|AutoModel|for this model)/i,
  },
  {
    cause: "bad_model",
    words:
      /Cannot find (?:any )?(?:the )?(?:model|weights|model weights|safetensors|config)|no (?:safetensors|model|weight|checkpoint|\.?gguf|\.?bin) (?:weights? )?files? (?:found|were found|was found|in|could be found)|Error no file named|no file named|model (?:file |path |directory )?\S* ?(?:does not exist|not found|doesn't exist|is missing)|(?:config\.json|tokenizer\S*\.(?:json|model)|safetensors|\.gguf|\.bin|\.pt|\.engine|\.plan|generation_config\.json|params\.json|config\.pbtxt|\.onnx)['"`]? ?(?:not found|does not exist|is missing|: No such file)|No such file or directory: ?['"][^'"]*(?:\.json|\.safetensors|\.gguf|\.bin|\.model|\.engine|\.pt|\.pth|\.onnx|\.plan|model[^'"]*|checkpoint[^'"]*|weights?[^'"]*|snapshot[^'"]*)['"]/i,
  },
  {
    cause: "bad_model",
    words:
      /size mismatch for|There is no module or parameter named|weights? (?:were|are|is) not initialized from (?:the )?checkpoint|Following weights were not initialized|Error\(s\) in loading state_dict|Missing key\(s\) in state_dict|KeyError: ['"]\S*(?:weight|bias\b|layers?\.\w|_proj\b|_scale|embed_tokens|experts\.|lm_head)|Can't load (?:the )?(?:tokenizer|configuration|config|model|image processor|feature extractor|processor)|Couldn't instantiate the backend tokenizer|did not match any variant of untagged enum|not a valid JSON file|JSONDecodeError.*config|Cannot find the config file for|Converting from Tiktoken failed|could not parse ModelProto|unable to open file <|\bNo \S*(?:safetensors|\.bin|\.gguf|\.pth?)\b.{0,40}\bfound|weight \S+ does not exist|No (?:local |\S*(?:bin|safetensors)\S* )weights found|KeyError: ['"](?:architectures|model_type|rope_type|quant_method|hidden_size|num_hidden_layers)['"]|loading failed with error: version|shape mismatch.{0,40}weight|Attempted to load weight .* into parameter|loaded_weight\.shape|param(?:_data)?\.shape == loaded_weight|Failed to load weights|unexpected keys? in (?:checkpoint|state)|rope_scaling\b.{0,40}(?:must|should|invalid|unknown|field)/i,
    strength: "decisive",
    unless: /newly initialized|Some weights of/i,
  },
  {
    cause: "bad_model",
    words:
      /failed to load '[^']*' version|Poll failed for model directory|failed to poll model repository|failed to load all models|failed to stat file .*model|unable to find '[^']*' for model|unexpected platform type|must specify (?:valid )?'?(?:platform|backend|max_batch_size)|Serialization assertion|engine plan file is (?:not compatible|generated on an incompatible)|deserialize(?:CudaEngine)?\b.{0,40}fail|failed to deserialize|The engine plan|invalid (?:engine|config) (?:file|version)|incompatible (?:engine|checkpoint|TensorRT version)|tokenizer class \S+ does not exist|Tokenizer class/i,
  },
  {
    cause: "bad_model",
    words:
      /pull model manifest: file does not exist|model ['"][^'"]*['"] not found|manifest.{0,40}not found|LoRA (?:adapter|rank|module).{0,60}(?:not found|is greater|larger than|not supported|does not exist)|adapter_config\.json|is not a (?:local folder|directory|valid model)|no such model|No supported config format found|(?:model|checkpoint|tokenizer)\b.{0,60}\b(?:does not support|(?:is )?not supported|is incompatible|is invalid|is malformed)|error from HF API, response code: 4\d\d|'\w*Config' object has no attribute|Model not found/i,
    strength: "likely",
  },
];
