/** Chinese words of the model library and picker. */
import type { models as english } from '../en/models.ts';

export const models: typeof english = {
  title: '模型',
  close: '关闭',
  cancel: '取消',
  none: '无模型',
  picker: '模型：{{name}}，{{state}}',
  states: { unloaded: '未加载', loading: '加载中', ready: '就绪', failed: '失败' },
  answers: '由谁回答',
  manage: '管理和添加模型…',
  demo: '演示',
  demoShort: '内置；能读简单的印刷文字',
  demoWords:
    '内置模型，由本项目从零训练。它能读示例中那样简单的印刷单词和数字，用来展示一切如何运作。照片、表格、手写和其他语言都超出它的能力：那些回答没有意义。',
  loaded: '已加载',
  load: '加载',
  loadNamed: '加载 {{name}}',
  loading: '正在加载模型',
  loadFailed: '无法加载此模型',
  unload: '释放内存',
  notes: '转换时的备注',
  context: '上下文 {{tokens}} 个词元',
  tiles_one: '每张图 {{count}} 个图块',
  tiles_other: '每张图最多 {{count}} 个图块',
  readyFigures: '运行于 {{device}}，占用内存 {{memory}}，加载用时 {{seconds}} 秒',
  listFailed: '无法列出模型',
  remove: {
    open: '删除',
    title: '从这台电脑删除 {{name}}？',
    text: '转换后的文件会被移除。对话会保留，原始检查点不受影响。',
    confirm: '删除',
  },
  add: {
    title: '添加 InternVL3 模型',
    download: '获取检查点：下载模型页面上的全部文件，本机或其他电脑均可。InternVL3-1B 适合作为第一个：',
    copy: '把文件夹放到这台电脑上。此后不再需要网络。',
    convert: '选择该文件夹。它只转换一次，原始文件保持不变。',
    convertByCommand:
      '此窗口无法打开文件夹。请在终端中把它转换到应用的模型文件夹（若设置了 INTERNVL_HOME，则为其中的 models 文件夹）；之后会出现在这里：',
  },
  convert: {
    precision: '精度',
    precisions: {
      int4: 'int4：最小最快，适合多数人',
      int8: 'int8：更接近原始模型，大一倍',
      fp16: 'fp16：几乎与原始相同，大三倍',
      fp32: 'fp32：完全精确，大七倍',
    },
    choose: '选择检查点文件夹',
    label: '正在转换 {{name}}',
    starting: '正在检查 {{name}}…',
    progress: '正在转换 {{name}}：{{percent}} %',
    failed: '没有转换任何内容',
    done: '{{name}} 可以使用了',
    load: '立即加载',
  },
};
